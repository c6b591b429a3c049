"""What is there: one module per package database or manifest format.

Two lists hold every reader; a house test finds a forgotten one. `READERS` find what is installed
and serve every scan. `LOCK_READERS` find what a project asks for and serve the scan of a plain
directory, such as a checkout: in an image, what is installed counts.
"""

from __future__ import annotations

from lading.inventory import (
    apk,
    bun_lock,
    cargo_lock,
    composer,
    dotnet_deps,
    dpkg,
    dpkg_copyright,
    dpkg_lists,
    gemfile_lock,
    go_binary,
    go_mod,
    gradle_lock,
    java_archive,
    node_package,
    npm_lock,
    nuget_lock,
    os_release,
    pacman,
    pipfile_lock,
    pnpm_lock,
    pom_xml,
    python_lock,
    python_metadata,
    python_record,
    python_requirements,
    rpm_bdb,
    rpm_manifest,
    rpm_ndb,
    rpm_sqlite,
    ruby_gemspec,
    rust_binary,
    yarn_lock,
)
from lading.oci.reader import FileReader

READERS: tuple[FileReader, ...] = (
    os_release.OS_RELEASE,
    dpkg.DPKG,
    dpkg_lists.DPKG_LISTS,
    dpkg_copyright.DPKG_COPYRIGHT,
    apk.APK,
    rpm_sqlite.RPM_SQLITE,
    rpm_ndb.RPM_NDB,
    rpm_bdb.RPM_BDB,
    rpm_manifest.RPM_MANIFEST,
    pacman.PACMAN,
    python_metadata.DIST_INFO,
    python_metadata.EGG_INFO,
    python_record.RECORD,
    python_record.INSTALLED_FILES,
    python_record.SOURCES,
    node_package.PACKAGE,
    ruby_gemspec.GEMSPEC,
    composer.INSTALLED,
    dotnet_deps.DEPS,
    go_binary.GO_BINARY,
    rust_binary.RUST_BINARY,
    java_archive.JAVA_ARCHIVE,
)
LOCK_READERS: tuple[FileReader, ...] = (
    python_requirements.REQUIREMENTS,
    pipfile_lock.PIPFILE_LOCK,
    python_lock.POETRY,
    python_lock.UV,
    python_lock.PDM,
    python_lock.PYLOCK,
    npm_lock.NPM_LOCK,
    yarn_lock.YARN_LOCK,
    pnpm_lock.PNPM_LOCK,
    bun_lock.BUN_LOCK,
    gemfile_lock.GEMFILE_LOCK,
    composer.LOCK,
    nuget_lock.LOCK,
    nuget_lock.CONFIG,
    cargo_lock.CARGO_LOCK,
    go_mod.GO_MOD,
    gradle_lock.GRADLE_LOCK,
    pom_xml.POM_XML,
)
