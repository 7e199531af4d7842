from collections.abc import Iterator
from pathlib import Path

import pytest

from testing_server.foundation.storage import Base, Storage
from testing_server.migrations.tables import collect_tables


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[Storage]:
    """A fresh database with all tables."""
    found = Storage(f"sqlite:///{tmp_path / 'hub.sqlite'}")
    collect_tables()
    found.write(lambda session: Base.metadata.create_all(session.connection()))
    yield found
    found.close()
