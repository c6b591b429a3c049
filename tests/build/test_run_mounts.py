from __future__ import annotations

import pytest

from lading.build.plan import ContextSource, StageSource
from lading.build.run_mounts import Bind, Cache, RunMount, Secret, Ssh, Tmpfs, read
from lading.errors import MalformedError

SOURCES = {"one": StageSource(0)}


@pytest.mark.parametrize(
    ("text", "mount"),
    [
        ("target=/x", Bind("/x", ContextSource(), "/")),
        ("type=bind,src=a,dst=x,rw", Bind("/w/x", ContextSource(), "a", writable=True)),
        ("type=bind,from=one,source=/y,target=../x,ro", Bind("/x", StageSource(0), "/y")),
        ("type=bind,target=/x,rw=false", Bind("/x", ContextSource(), "/")),
        ("type=cache,target=/root/.cache", Cache("/root/.cache", "/root/.cache")),
        (
            "type=CACHE,target=c,id=pip,sharing=locked,ro,mode=0700,uid=1,gid=2,from=one,source=/s",
            Cache(
                "/w/c",
                "pip",
                "locked",
                readonly=True,
                source=StageSource(0),
                path="/s",
                mode=0o700,
                uid=1,
                gid=2,
            ),
        ),
        ("type=tmpfs,target=/t", Tmpfs("/t")),
        ("type=tmpfs,target=/t,size=64m", Tmpfs("/t", 64 * 2**20)),
        ("type=tmpfs,target=/t,size=1GB", Tmpfs("/t", 2**30)),
        ("type=secret,id=a", Secret("a", "/run/secrets/a")),
        ("type=secret,id=a/b", Secret("a/b", "/run/secrets/b")),
        ("type=secret,target=/root/.netrc,required", Secret(".netrc", "/root/.netrc", required=True)),
        ("type=secret,id=a,env=TOKEN", Secret("a", "", "TOKEN")),
        ("type=secret,id=a,env=T,target=f,mode=444,uid=5", Secret("a", "/w/f", "T", mode=0o444, uid=5)),
        ("type=ssh", Ssh("default", "/run/buildkit/ssh_agent.2")),
        ('type=ssh,id=git,"target=/a,b",required=true', Ssh("git", "/a,b", required=True)),
    ],
)
def test_mounts(text: str, mount: RunMount) -> None:
    assert read(text, "/w", SOURCES, 2) == mount


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("type=bogus,target=/x", "no mount type is called 'bogus'"),
        ("type=bind", "of type bind needs a target"),
        ("type=cache,id=x", "of type cache needs a target"),
        ("type=bind,target=/", "place of the root"),
        ("type=bind,target=/x,id=1", "of type bind has no id"),
        ("type=tmpfs,target=/x,from=one,colour=red", "of type tmpfs has no colour, from"),
        ("type=tmpfs,target=/x,size=1x", "size is a number"),
        ("type=tmpfs,target=/x,size=m", "size is a number"),
        ("type=tmpfs,target=/x,size=1kk", "size is a number"),
        ("type=cache,target=/x,sharing=all", "sharing is one of"),
        ("type=cache,target=/x,mode=9", "mode is an octal number"),
        ("type=cache,target=/x,mode=77777", "mode is an octal number"),
        ("type=cache,target=/x,mode=-1", "mode is an octal number"),
        ("type=cache,target=/x,uid=root", "uid is a number"),
        ("type=secret", "a secret needs an id"),
        ("type=secret,id=a,required=maybe", "required is true or false"),
        ("", "nothing is given"),
        ('type="x', "a quote"),
    ],
)
def test_what_is_no_mount(text: str, message: str) -> None:
    with pytest.raises(MalformedError, match=message):
        read(text, "/w", SOURCES, 0)
