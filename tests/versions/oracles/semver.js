// npm's own semver, whose folder is the first argument.
const semver = require(process.argv[2])
const lines = require('readline').createInterface({ input: process.stdin })
lines.on('line', (line) => {
  const [one, two] = line.split('\t')
  const known = semver.valid(one, true) && semver.valid(two, true)
  process.stdout.write((known ? semver.compare(one, two, true) : 'x') + '\n')
})
