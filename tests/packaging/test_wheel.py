"""The wheel works away from the checkout: its own templates, static files, migrations and command."""

import os
import subprocess
import sys
import urllib.request
import zipfile
from pathlib import Path

import pytest

from tests.processes import free_port, running, wait_for_page
from tracker.paths import CHECKOUT

pytestmark = pytest.mark.once


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(CHECKOUT)]
    subprocess.run(command, check=True, capture_output=True)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel in a folder of its own; the libraries it needs come from the environment of the tests."""
    folder = tmp_path_factory.mktemp("installed")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


@pytest.fixture
def environment(installed: Path, tmp_path: Path) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(installed),
        "PYTHONWARNINGS": "error",
        "FOLLOWTHROUGH_INSTANCE_PATH": str(tmp_path / "instance"),
    }


def test_the_wheel_carries_every_file_of_the_program_and_no_other(wheel: Path) -> None:
    assert CHECKOUT is not None
    places = {"tracker": "tracker", "templates": "tracker/_shared/templates", "static": "tracker/_shared/static"}
    wanted = {
        f"{inside}/{path.relative_to(CHECKOUT / folder).as_posix()}"
        for folder, inside in places.items()
        for path in (CHECKOUT / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }

    names = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}

    assert "tracker/_shared/templates/mail/sign_in_link/body.mjml" in wanted
    assert names == wanted


def test_the_wheel_is_the_one_that_runs(environment: dict[str, str], installed: Path) -> None:
    where = subprocess.run(
        [sys.executable, "-c", "import tracker; print(tracker.__file__)"],
        cwd="/", env=environment, check=True, capture_output=True, text=True,
    )  # fmt: skip

    assert where.stdout.startswith(str(installed))


def test_the_installed_program_serves_pages(environment: dict[str, str]) -> None:
    port = free_port()
    serve = [sys.executable, "-m", "tracker", "serve", "--port", str(port)]
    with running(serve, cwd=Path("/"), env=environment) as server:
        wait_for_page(f"http://127.0.0.1:{port}/sign-in", server)
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/sign-in") as page:
            body = page.read().decode()
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/static/css/app.css") as styles:
            size = len(styles.read())

    assert "Sign in" in body
    assert size > 1000
