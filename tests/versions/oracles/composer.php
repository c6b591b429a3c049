<?php
// Composer's normalisation and PHP's comparison. The first argument is composer/semver's autoload.php.
require $argv[1];
$parser = new Composer\Semver\VersionParser();
while (($line = fgets(STDIN)) !== false) {
    [$one, $two] = explode("\t", rtrim($line, "\n"));
    try {
        echo version_compare($parser->normalize($one), $parser->normalize($two)), "\n";
    } catch (UnexpectedValueException $error) {
        echo "x\n";
    }
}
