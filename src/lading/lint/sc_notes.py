"""What the codes of ShellCheck mean that Dockerfiles meet most; all others are told on ShellCheck's own pages.

https://www.shellcheck.net/wiki/
"""

from __future__ import annotations

from lading.record import Record


class Note(Record):
    """A code told. title: one sentence. why: what it means for an image. bad, good: commands of a RUN."""

    title: str
    why: str
    bad: str
    good: str


NOTES: dict[str, Note] = {
    "SC1072": Note(
        "The shell cannot read the command.",
        "ShellCheck gave up at this place; what it says besides (SC1073, SC1009) tells what it was reading. Mostly "
        "a quote, a bracket or a `fi` is missing, or a line does not end in a backslash.",
        'echo "begun',
        'echo "begun"',
    ),
    "SC2006": Note(
        "`$(...)` does what backquotes do, and can be nested and read.",
        "Within backquotes, backslashes and quotes have rules of their own. `--fix` replaces them where none of "
        "these is at play.",
        'echo "built on `uname -m`"',
        'echo "built on $(uname -m)"',
    ),
    "SC2016": Note(
        "Variables are not replaced in single quotes.",
        "The text arrives with the dollar sign. Where that is meant, as for awk or in a profile, ignore it for "
        "the line.",
        "echo '$HOME/bin'",
        'echo "$HOME/bin"',
    ),
    "SC2028": Note(
        "`echo` may or may not make a line end of `\\n`.",
        "The shells of Debian and of Red Hat differ here, so the same line writes different files. `printf` is "
        "the same everywhere.",
        'echo "a\\nb" > /etc/hosts.extra',
        'printf "a\\nb\\n" > /etc/hosts.extra',
    ),
    "SC2034": Note(
        "The variable is set and never used.",
        "A variable of one RUN is gone in the next one. What later steps or the container need is set with ENV "
        "or ARG.",
        "version=1.2; make",
        'version=1.2; make VERSION="$version"',
    ),
    "SC2035": Note(
        "A pattern may match a file whose name begins with a dash.",
        "The program takes that name for an option. With `./` before the pattern it cannot.",
        "rm *.tmp",
        "rm ./*.tmp",
    ),
    "SC2038": Note(
        "`xargs` cuts names at spaces and quotes.",
        "Use `-print0` with `xargs -0`, or let find run the program with `-exec ... +`.",
        "find /srv -name cache | xargs rm -r",
        "find /srv -name cache -exec rm -r {} +",
    ),
    "SC2043": Note(
        "The loop runs only once.",
        "A list that was meant to be expanded stands there as one word, or there is no need for a loop.",
        'for f in /srv/data; do ls "$f"; done',
        'for f in /srv/data/*; do ls "$f"; done',
    ),
    "SC2045": Note(
        "Names that `ls` prints are cut at spaces.",
        "A pattern gives each name whole.",
        'for f in $(ls /srv); do cat "$f"; done',
        'for f in /srv/*; do cat "$f"; done',
    ),
    "SC2046": Note(
        "What a substitution gives is cut at spaces, and patterns in it are looked up.",
        "Quote it. Where several words are meant, as in `apt-get install $(cat packages)`, say so by ignoring it "
        "for that instruction.",
        "chown app $(which node)",
        'chown app "$(which node)"',
    ),
    "SC2086": Note(
        "The value of a variable is cut at spaces, and patterns in it are looked up.",
        "An empty value makes the word vanish, so that the command gets one argument less. Quotes prevent all "
        "that. The fix is not "
        "safe: a variable that holds several options or packages is meant to be cut.",
        "cp $SOURCE /app",
        'cp "$SOURCE" /app',
    ),
    "SC2115": Note(
        "If the variable is empty, this is the root of the file system.",
        "`rm -rf $dir/*` with an empty `dir` deletes the image. `${dir:?}` stops instead.",
        'rm -rf "$dir"/*',
        'rm -rf "${dir:?}"/*',
    ),
    "SC2129": Note(
        "Several commands write to one file: it can be opened once for all of them.",
        "Shorter, and the name stands in one place. In a Dockerfile a heredoc says it better still.",
        "echo a >> f; echo b >> f; echo c >> f",
        "{ echo a; echo b; echo c; } >> f",
    ),
    "SC2153": Note(
        "A variable is used that nobody has set, and one of nearly the same name is.",
        "Mostly a slip of the pen: compare with the ENV and ARG above.",
        'MY_VERSION=1; echo "$MYVERSION"',
        'MY_VERSION=1; echo "$MY_VERSION"',
    ),
    "SC2154": Note(
        "A variable is used that nobody has set.",
        "ENV, ARG, and what the builder sets are known. One that comes from the base image is told of with `ARG "
        "name` or a default "
        "(`${name:-}`); variables in capitals are taken to come from there.",
        'echo "$release"',
        'release=1; echo "$release"',
    ),
    "SC2155": Note(
        "The status of the command is lost: that of `export` counts.",
        "A build goes on although the command has failed. Set the variable first, and export it then.",
        'export build="$(date +%s)"',
        'build="$(date +%s)"; export build',
    ),
    "SC2162": Note(
        "`read` takes backslashes out of what it reads.",
        "With `-r` the line arrives as it is.",
        'while read line; do echo "$line"; done < /etc/hosts',
        'while read -r line; do echo "$line"; done < /etc/hosts',
    ),
    "SC2164": Note(
        "If `cd` fails, what follows runs in another folder.",
        "With `&&` after it, or `set -e`, or WORKDIR in place of it, that cannot happen.",
        "cd /app; rm -rf build",
        "cd /app && rm -rf build",
    ),
    "SC2174": Note(
        "The mode is that of the last folder alone: those above it get the usual one.",
        "With `-p` and `-m` make the folders first, or give each its mode.",
        "mkdir -p -m 700 /srv/keys/private",
        "mkdir -p /srv/keys && mkdir -m 700 /srv/keys/private",
    ),
    "SC3010": Note(
        "`[[` is not there in every shell.",
        "The default shell is /bin/sh: dash on Debian, BusyBox on Alpine. Use `[`, or have bash with SHELL.",
        'if [[ -n "$HOME" ]]; then true; fi',
        'if [ -n "$HOME" ]; then true; fi',
    ),
    "SC3014": Note(
        "`==` in `[ ]` is not there in every shell.",
        "dash, which is /bin/sh on Debian, fails at it. One equals sign is understood everywhere.",
        '[ "$HOME" == / ]',
        '[ "$HOME" = / ]',
    ),
    "SC3030": Note(
        "Arrays are not there in every shell.",
        "The default shell is /bin/sh; for arrays have bash with SHELL, or a heredoc with `#!/bin/bash`.",
        'names=(a b); echo "$names"',
        'set -- a b; echo "$1"',
    ),
    "SC3037": Note(
        "What `echo -e` does differs from shell to shell.",
        "dash writes the `-e`. `printf` is the same everywhere.",
        'echo -e "a\\tb"',
        'printf "a\\tb\\n"',
    ),
    "SC3040": Note(
        "The option is not there in every shell.",
        "`set -o pipefail` stops older dash with an error. Have a shell that knows it with SHELL (see DL4006).",
        "set -o pipefail; curl x | tar x",
        "curl -o f x && tar xf f",
    ),
    "SC3046": Note(
        "`source` is not there in every shell.",
        "dash, which is /bin/sh on Debian, does not know it; a dot is understood everywhere.",
        "source ./env.sh",
        ". ./env.sh",
    ),
}
