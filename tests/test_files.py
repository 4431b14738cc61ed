"""Files are replaced whole or not at all."""

import os
from pathlib import Path

import pytest

from gradproof import GradproofError
from gradproof.files import replacing


def test_a_file_is_replaced_when_it_is_complete(tmp_path):
    path = tmp_path / "report.json"
    path.write_text("old")
    with replacing(path) as file:
        file.write("new")
        assert path.read_text() == "old"
    assert path.read_text() == "new"
    assert os.listdir(tmp_path) == ["report.json"]


def test_a_file_is_left_alone_when_something_fails(tmp_path):
    path = tmp_path / "report.json"
    path.write_text("old")

    def interrupted():
        with replacing(path) as file:
            file.write("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["report.json"]


@pytest.mark.parametrize("place", [".", "absent/report.json", "file/report.json", "x" * 300])
def test_a_path_that_cannot_be_written_is_refused_at_once(tmp_path, place):
    (tmp_path / "file").touch()
    with pytest.raises(GradproofError, match=r"^cannot write "), replacing(tmp_path / place):
        pytest.fail("opened")
    assert os.listdir(tmp_path) == ["file"]


def test_a_device_is_not_replaced():
    with pytest.raises(GradproofError, match=r"^cannot write '/dev/null'"), replacing(Path("/dev/null")):
        pytest.fail("opened")
