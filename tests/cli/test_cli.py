from __future__ import annotations

import argparse
from importlib import import_module

import pytest

from lading.cli import COMMANDS


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_is_a_module_that_declares_and_runs(name: str) -> None:
    module = import_module(COMMANDS[name][0])
    parser = argparse.ArgumentParser()
    module.add(parser)
    assert callable(parser.get_default("run"))
    actions = {option for action in parser._actions for option in action.option_strings}
    assert {"--quiet", "--debug", "--no-color", "--config"} <= actions


@pytest.mark.parametrize("name", COMMANDS)
def test_summaries_are_the_end_of_a_sentence(name: str) -> None:
    summary = COMMANDS[name][1]
    assert summary[0].islower()
    assert not summary.endswith(".")
    assert "%" not in summary  # argparse would take it for a format
