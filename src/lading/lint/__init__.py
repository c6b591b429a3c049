"""Rules over a Dockerfile, one module each, and their fixes.

`RULES` is the one list of them. A rule is imported when a file may concern it, for most files concern few of them:
with the module stand groups of words, and of each group one must be in the file, or among its `signs`. A rule without
such words always runs.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib import import_module

from lading.errors import UsageError
from lading.lint.rule import Rule

RULES: dict[str, tuple[str, ...]] = {
    "DL1001": ("dl1001", "hadolint,lading"),
    "DL3000": ("dl3000", "=workdir"),
    "DL3001": ("dl3001", "free,kill,mount,ps,service,shutdown,ssh,top,vim"),
    "DL3002": ("dl3002", "=user", "root,0,$"),
    "DL3003": ("dl3003", "cd"),
    "DL3004": ("dl3004", "sudo"),
    "DL3006": ("dl3006",),
    "DL3007": ("dl3007", "latest"),
    "DL3008": ("dl3008", "apt-get"),
    "DL3009": ("dl3009", "apt"),
    "DL3010": ("dl3010", "=copy", ".tar,.z,.bz2,.gz,.lz,.tb2,.tbz,.tgz,.tlz,.tpz,.txz,.xz"),
    "DL3011": ("dl3011", "=expose"),
    "DL3012": ("dl3012", "=healthcheck again"),
    "DL3013": ("dl3013", "pip"),
    "DL3014": ("dl3014", "apt-get"),
    "DL3015": ("dl3015", "apt-get"),
    "DL3016": ("dl3016", "npm"),
    "DL3018": ("dl3018", "apk"),
    "DL3019": ("dl3019", "apk"),
    "DL3020": ("dl3020", "=add"),
    "DL3021": ("dl3021", "=copy"),
    "DL3022": ("dl3022", "--from"),
    "DL3023": ("dl3023", "--from"),
    "DL3024": ("dl3024", "=from again", "=stage-name"),
    "DL3025": ("dl3025", "=cmd,=entrypoint,=healthcheck"),
    "DL3026": ("dl3026", "=trusted-registries"),
    "DL3027": ("dl3027", "apt"),
    "DL3028": ("dl3028", "gem"),
    "DL3029": ("dl3029", "--platform"),
    "DL3030": ("dl3030", "yum"),
    "DL3032": ("dl3032", "yum"),
    "DL3033": ("dl3033", "yum"),
    "DL3034": ("dl3034", "zypper"),
    "DL3035": ("dl3035", "zypper"),
    "DL3036": ("dl3036", "zypper"),
    "DL3037": ("dl3037", "zypper"),
    "DL3038": ("dl3038", "dnf"),
    "DL3040": ("dl3040", "dnf"),
    "DL3041": ("dl3041", "dnf"),
    "DL3042": ("dl3042", "pip"),
    "DL3043": ("dl3043", "=onbuild"),
    "DL3044": ("dl3044", "=env", "$"),
    "DL3045": ("dl3045", "=copy"),
    "DL3046": ("dl3046", "useradd"),
    "DL3047": ("dl3047", "wget"),
    "DL3048": ("dl3048", "=label"),
    "DL3049": ("dl3049", "label-schema"),
    "DL3050": ("dl3050", "=label", "=strict-labels"),
    "DL3051": ("dl3051", "label-schema"),
    "DL3052": ("dl3052", "label-schema"),
    "DL3053": ("dl3053", "label-schema"),
    "DL3054": ("dl3054", "label-schema"),
    "DL3055": ("dl3055", "label-schema"),
    "DL3056": ("dl3056", "label-schema"),
    "DL3057": ("dl3057", "dl3057"),
    "DL3058": ("dl3058", "label-schema"),
    "DL3059": ("dl3059", "=run again"),
    "DL3060": ("dl3060", "yarn"),
    "DL3061": ("dl3061", "=late-from"),
    "DL3062": ("dl3062", "go", "install,get,run"),
    "DL3063": ("dl3063", "=stage-name", "scratch,context"),
    "DL3064": ("dl3064", "=env,=arg"),
    "DL3065": ("dl3065", "targetplatform"),
    "DL3066": ("dl3066", "=user"),
    "DL3067": ("dl3067", "=copy", "--from"),
    "DL4000": ("dl4000", "=maintainer"),
    "DL4001": ("dl4001", "wget"),
    "DL4003": ("dl4003", "=cmd again"),
    "DL4004": ("dl4004", "=entrypoint again"),
    "DL4005": ("dl4005", "/bin/sh"),
    "DL4006": ("dl4006", "|"),
    "LD1001": ("ld1001", ":"),
    "LD1002": ("ld1002", "akia,asia,gh,glpat-,xox,aiza,k_live_,npm_,pypi-,dckr_,hf_,sg.,sk-,begin,://"),
    "LD1003": ("ld1003",),
    "LD1004": ("ld1004", "adduser,useradd"),
    "LD1005": ("ld1005", "adduser,addgroup,useradd,groupadd"),
    "LD1006": (
        "ld1006",
        "asm,auto,bison,build,cargo,clang,clojure,flex,g++,gcc,ghc,go,gradle,haskell,java-,jdk,libtool,make,maven,meson,ninja,rust,sbt",
    ),
    "LD1007": ("ld1007", "from=,chmod"),
    "LD1008": ("ld1008", "chmod"),
    "LD1009": ("ld1009", "rm,unlink"),
    "LD1010": ("ld1010", "=copy,=add", "=build-context"),
    "LD1011": ("ld1011", "=copy,=add", "apk,apt,bundle,composer,dnf,go,npm,pip,pnpm,yarn,yum"),
    "LD1012": ("ld1012", "curl,wget"),
    "LD1013": ("ld1013", "http"),
    "LD1014": ("ld1014", "=from again"),
    "LD1015": ("ld1015", "=copy,=add", "=build-context"),
    "LD1016": ("ld1016", "/home/"),
    "ConsistentInstructionCasing": ("consistent_instruction_casing", "=mixed-case"),
    "CopyIgnoredFile": ("copy_ignored_file", "=copy,=add", "=build-context"),
    "ExposeInvalidFormat": ("expose_invalid_format", "=expose", ":"),
    "ExposeProtoCasing": ("expose_proto_casing", "=expose", "/"),
    "FromAsCasing": ("from_as_casing", "=stage-name"),
    "InvalidDefaultArgInFrom": ("invalid_default_arg_in_from", "=from-variable"),
    "InvalidDefinitionDescription": ("invalid_definition_description", "#"),
    "LegacyKeyValueFormat": ("legacy_key_value_format", "=env,=label"),
    "NoEmptyContinuation": ("no_empty_continuation", "=empty-continuation"),
    "SecretsUsedInArgOrEnv": ("secrets_used_in_arg_or_env", "=env,=arg", "auth,cre,key,pass,pw,sec,tok"),
    "StageNameCasing": ("stage_name_casing", "=stage-name"),
    "UndefinedArgInFrom": ("undefined_arg_in_from", "=from-variable"),
    "UndefinedVar": ("undefined_var", "$"),
}
"""Code -> module in this package, and groups of words that a file must have for the rule to run."""


@cache
def load(code: str) -> Rule:
    """Return the rule with this code; raises `UsageError` if there is none."""
    entry = RULES.get(code)
    if entry is None:
        raise UsageError(f"there is no rule {code[:80]!r}", hint="`lading lint --list-rules` shows all")
    rule = import_module(f"lading.lint.{entry[0]}").RULE
    if not isinstance(rule, Rule):
        raise TypeError(f"{entry[0]}.RULE is no Rule")
    return rule


def rules() -> Iterator[Rule]:
    """Yield all rules, in the order of the list."""
    return map(load, RULES)
