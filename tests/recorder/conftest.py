from pathlib import Path

import pytest

from tests.recorder.recorded import record


@pytest.fixture(scope="session")
def shorted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A charge that ended on a shorted pilot."""
    return record(tmp_path_factory.mktemp("run") / "recorder", lambda world: world.inject("cp-short"))
