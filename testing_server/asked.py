"""Settings as a command was asked for them. Takes a role and its options; a bad one is told in one line."""
from __future__ import annotations

import os
from typing import Any

import click

from testing_server.foundation.settings import BadSetting, Settings, load_settings


def read_settings(role: Any, options: dict[str, Any]) -> Settings:
    """Settings from options and the environment. Raises ClickException."""
    try:
        return load_settings(role, os.environ, **options)
    except BadSetting as refusal:
        raise click.ClickException(str(refusal)) from refusal
