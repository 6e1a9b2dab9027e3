"""Collections made for tests: files, Shadertoy JSON, git repositories."""

import json
import subprocess
from pathlib import Path
from typing import Any

IMAGE = "void mainImage(out vec4 o, in vec2 p) {{ o = vec4(p.xy / iResolution.xy, {0}., 1.); }}\n"
SANDBOX = (
    "#ifdef GL_ES\nprecision mediump float;\n#endif\nuniform float time;\nuniform vec2 resolution;\n"
    "void main() {{ gl_FragColor = vec4(gl_FragCoord.xy / resolution, sin(time + {0}.), 1.); }}\n"
)


def image(number: int) -> str:
    """Shadertoy text; every number another program of the same structure."""
    return IMAGE.format(number)


def sandbox(number: int) -> str:
    """GLSL Sandbox text."""
    return SANDBOX.format(number)


def shadertoy(number: str, code: str = "", **info: Any) -> dict[str, Any]:
    """A program as the site gives it."""
    return {
        "ver": "0.1",
        "info": {
            "id": number,
            "date": "1607163730",
            "name": f"Title of {number}",
            "username": "ada",
            "description": "",
            "published": 3,
            **info,
        },
        "renderpass": [
            {
                "inputs": [],
                "outputs": [{"id": "4dfGRr", "channel": 0}],
                "code": code or image(len(number)),
                "name": "Image",
                "description": "",
                "type": "image",
            }
        ],
    }


def write(folder: Path, files: dict[str, str | bytes | dict[str, Any] | list[Any]]) -> Path:
    """Writes files; dictionaries and lists as JSON."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, dict | list):
            content = json.dumps(content)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def git(folder: Path, *arguments: str) -> str:
    """Runs git without the user's settings."""
    environment = {
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_CONFIG_SYSTEM": "/dev/null",
        "PATH": "/usr/bin:/bin",
        "GIT_AUTHOR_NAME": "a",
        "GIT_AUTHOR_EMAIL": "a@example.org",
        "GIT_COMMITTER_NAME": "a",
        "GIT_COMMITTER_EMAIL": "a@example.org",
    }
    done = subprocess.run(
        ["git", "-C", str(folder), *arguments],
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout.strip()
