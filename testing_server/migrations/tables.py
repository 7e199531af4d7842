"""All tables of all stages. Takes nothing; gives the metadata after importing every `records` module."""
import importlib
import pkgutil
from functools import cache

from sqlalchemy import MetaData

import testing_server
from testing_server.foundation.storage.base import Base


@cache
def collect_tables() -> MetaData:
    """A stage need not be listed anywhere: a module named `records` is enough."""
    for module in pkgutil.walk_packages(testing_server.__path__, "testing_server."):
        if module.name.rpartition(".")[2] == "records":
            importlib.import_module(module.name)
    return Base.metadata
