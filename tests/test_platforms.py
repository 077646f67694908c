"""The code runs where Windows and macOS run it: nothing of Unix alone, and no guessed encoding."""

import ast
import re
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FILES = sorted((ROOT / "samjax").rglob("*.py"))
UNIX_MODULES = {"fcntl", "grp", "posix", "pty", "pwd", "resource", "syslog", "termios", "tty"}
UNIX_NAMES = {
    "os": """fork forkpty getuid geteuid getgid getegid killpg setsid getpgid setpgid sysconf
        sched_getaffinity sched_setaffinity statvfs fstatvfs mkfifo mknod nice uname chown lchown
        fchown fchmod wait3 wait4 O_DIRECTORY O_NOFOLLOW O_CLOEXEC O_SYNC set_blocking pread pwrite
        sync posix_fallocate posix_fadvise getloadavg""".split(),  # noqa: SIM905
    "signal": """SIGALRM SIGCHLD SIGCONT SIGHUP SIGKILL SIGPIPE SIGQUIT SIGSTOP SIGTSTP SIGUSR1
        SIGUSR2 alarm setitimer pause sigwait pthread_sigmask pthread_kill""".split(),  # noqa: SIM905
}
TEXT = re.compile(r"open\(|_text\(")


@cache
def source(path: Path) -> str:
    return path.read_text("utf-8")


def is_guard(node: ast.AST) -> bool:
    """Whether a statement asks for the system, or takes an absence into account."""
    if isinstance(node, ast.If):
        return "sys.platform" in ast.unparse(node.test) or "hasattr" in ast.unparse(node.test)
    if isinstance(node, ast.Try):
        caught = " ".join(ast.unparse(handler.type or node) for handler in node.handlers)
        return "ImportError" in caught or "AttributeError" in caught
    return False


def unix_only(tree: ast.AST) -> list[str]:
    """What only Unix has and is used without a guard; also behind `if sys.platform ...: return`."""
    found: list[str] = []

    def visit(node: ast.AST) -> None:
        if is_guard(node):
            return
        body = getattr(node, "body", [])
        if isinstance(node, ast.FunctionDef) and any(
            is_guard(child) and isinstance(child.body[-1], ast.Return) for child in body
        ):
            return
        if isinstance(node, ast.Import):
            found.extend(a.name for a in node.names if a.name in UNIX_MODULES)
        elif isinstance(node, ast.ImportFrom) and node.module in UNIX_MODULES:
            found.append(node.module)
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            name = f"{node.value.id}.{node.attr}"
            found.extend([name] if node.attr in UNIX_NAMES.get(node.value.id, ()) else [])
        for child in ast.iter_child_nodes(node):
            visit(child)

    visit(tree)
    return found


def without_encoding(tree: ast.AST) -> list[int]:
    """The lines that read or write text in whatever encoding the system prefers."""
    lines = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or any(k.arg == "encoding" for k in node.keywords):
            continue
        called = node.func
        name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
        arguments = [*node.args, *(k.value for k in node.keywords if k.arg == "mode")]
        constants = [c for a in arguments for c in ast.walk(a) if isinstance(c, ast.Constant)]
        binary = any(is_mode(constant) and "b" in constant.value for constant in constants)
        is_open = isinstance(called, ast.Name) or bool(node.args and is_mode(node.args[0]))
        in_guessed = {
            "read_text": not node.args,
            "write_text": len(node.args) < 2,
            "open": is_open and not binary,
        }
        if in_guessed.get(name):
            lines.append(node.lineno)
    return lines


def is_mode(node: ast.AST) -> bool:
    text = node.value if isinstance(node, ast.Constant) else None
    return isinstance(text, str) and set(text) <= set("rwxabt+") and bool(text)


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("import fcntl", ["fcntl"]),
        ("import sys\nif sys.platform == 'win32':\n    pass\nelse:\n    import fcntl", []),
        ("def f():\n    os.fork()", ["os.fork"]),
        ("def f():\n    if sys.platform != 'linux':\n        return\n    os.fork()", []),
        ("try:\n    import resource\nexcept ImportError:\n    pass", []),
        ("signal.signal(signal.SIGUSR1, f)", ["signal.SIGUSR1"]),
    ],
)
def test_the_search_finds_what_only_unix_has(code, found):
    assert unix_only(ast.parse(code)) == found


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("path.read_text()", [1]),
        ("path.read_text('utf-8')", []),
        ("path.write_text(text)", [1]),
        ("path.write_text(text, 'utf-8')", []),
        ("open(path)", [1]),
        ("open(path, 'rb')", []),
        ("path.open('a')", [1]),
        ("path.open('a', encoding='utf-8')", []),
        ("zipfile.open(name)", []),
    ],
)
def test_the_search_finds_text_without_an_encoding(code, found):
    assert without_encoding(ast.parse(code)) == found


def in_files(files: list[Path], search: Callable, clue: re.Pattern) -> dict[str, list]:
    """{file: what the search finds in it}, where there is anything; without a clue none is made."""
    found = {
        path.relative_to(ROOT).as_posix(): search(ast.parse(source(path)))
        for path in files
        if clue.search(source(path))
    }
    return {path: places for path, places in found.items() if places}


def test_nothing_that_only_unix_has_is_used_without_a_guard():
    clue = re.compile(rf"\b(import|from) ({'|'.join(UNIX_MODULES)})\b|\b(os|signal)\.")
    assert in_files(FILES, unix_only, clue) == {}


def test_text_is_read_and_written_in_a_stated_encoding():
    programs = [*(ROOT / "experiments").rglob("*.py"), *(ROOT / "configs").rglob("*.py")]
    assert in_files([*FILES, *programs], without_encoding, TEXT) == {}


# A system that locks bytes and keeps what is open, as Windows does. Its two rules are played by
# those of this one; whether a file is open is asked of the process's own list.
AS_WINDOWS = """
import errno, fcntl, os, sys, types
from pathlib import Path
import json, socket, tempfile, subprocess, contextlib, asyncio  # before the system changes

msvcrt = types.ModuleType("msvcrt")
msvcrt.LK_NBLCK = 2

def locking(descriptor, mode, count):
    assert (mode, count) == (msvcrt.LK_NBLCK, 1)
    assert os.lseek(descriptor, 0, os.SEEK_CUR) > 1 << 20  # or nobody could read who holds it
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        raise OSError(errno.EACCES, "Permission denied") from error

msvcrt.locking = locking
sys.modules["msvcrt"] = msvcrt
opened = lambda path: any(
    os.path.realpath(f"/proc/self/fd/{n}") == os.path.realpath(path)
    for n in os.listdir("/proc/self/fd")
)
real_unlink = os.unlink

def unlink(path, **options):
    if opened(path):
        raise PermissionError(errno.EACCES, "in use", str(path))
    real_unlink(path, **options)

os.unlink = unlink
sys.modules["fcntl"] = None  # its import fails
sys.platform = "win32"
"""
HOLD_TWICE = """
from samjax.errors import UserError
from samjax.files.lock import locked, LOCK
folder = Path(sys.argv[1])
with locked(folder, "wait"):
    assert str(os.getpid()) in (folder / LOCK).read_text("utf-8")
    try:
        with locked(folder, "wait"):
            raise AssertionError("held twice")
    except UserError as error:
        print(error)
assert not list(folder.iterdir()), list(folder.iterdir())
with locked(folder, "wait"):
    pass
"""


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="plays Windows on Linux only")
def test_a_folder_is_locked_by_the_rules_of_windows(tmp_path):
    program = AS_WINDOWS + HOLD_TWICE
    command = [sys.executable, "-c", program, str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    assert "another run is writing in" in done.stdout
    assert "; wait" in done.stdout


def test_signals_that_windows_lacks_are_left_out():
    program = (
        "import signal, os; del signal.SIGUSR1\n"
        "from samjax.parallel.stop_signals import SIGNALS, noted\n"
        "assert SIGNALS == (signal.SIGINT, signal.SIGTERM)\n"
        "with noted('stops') as request:\n"
        "    pass\n"
    )
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True, timeout=600)
