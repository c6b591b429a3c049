"""The command line: one module per command, no logic of their own.

A command is a module with `SUMMARY`, `add(parser)` and `run(args) -> int`; it is imported when
it is called. The list below is the only one.
"""

# Name of the command -> its module, and what the list of commands says of it.
COMMANDS = {
    "scan": ("lading.cli.scan", "what an image carries, and what is known to be wrong with it"),
    "build": (
        "lading.cli.build",
        "a Dockerfile becomes an image, layer by layer, with no daemon and no root",
    ),
    "run": ("lading.cli.run", "a container of an image, for trying it"),
    "lint": ("lading.cli.lint", "what a careful engineer would change in a Dockerfile, and the changes"),
    "lsp": ("lading.cli.lsp", "what lint says, in an editor while a Dockerfile is written"),
    "sbom": ("lading.cli.sbom", "what an image carries, as a bill of materials"),
    "images": ("lading.cli.images", "the images in the local store"),
    "history": ("lading.cli.history", "the steps that made an image, and what each one weighs"),
    "inspect": ("lading.cli.inspect", "everything that an image says of itself, as JSON"),
    "pull": ("lading.cli.pull", "an image from a registry, or any other place, into the local store"),
    "push": ("lading.cli.push", "an image from the local store to a registry, or any other place"),
    "tag": ("lading.cli.tag", "more names for an image, which comes into the local store"),
    "rm": ("lading.cli.rm", "names taken away from the local store, and images with their last name"),
    "prune": ("lading.cli.prune", "room freed in the local store"),
    "convert": ("lading.cli.convert", "a report that was kept as JSON, in another format"),
    "db": ("lading.cli.db", "the advisories on this machine: fetch, list, search"),
    "completion": ("lading.cli.completion", "a script for bash, zsh or tcsh that completes these words"),
}
