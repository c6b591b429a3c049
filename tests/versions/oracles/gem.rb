# Gem::Version of the RubyGems that comes with Ruby.
$stdout.sync = true
$stdin.each_line do |line|
  one, two = line.chomp.split("\t", -1)
  known = Gem::Version.correct?(one) && Gem::Version.correct?(two)
  puts known ? Gem::Version.new(one) <=> Gem::Version.new(two) : "x"
end
