"""Settings beyond single values: protection of a profile, where keys are kept, the keyboard's table, columns."""

from __future__ import annotations

from pathlib import Path

import pytest

from theta_tui.errors import UsageError
from theta_tui.settings import FILE_NAME, load, load_columns, save_columns, save_entry


def write(folder: Path, text: str) -> None:
    (folder / FILE_NAME).write_text(text, encoding="utf-8")


def problems(folder: Path, text: str) -> tuple[str, ...]:
    write(folder, text)
    return load(environ={}, config_dir=folder).problems


def test_a_profile_protected_as_read_only_is_so_whatever_the_environment_says(tmp_path: Path) -> None:
    write(tmp_path, '[profiles.prod]\nprotection = "read-only"\n[profiles.lab]\n')
    prod = load("prod", {"THETA_READ_ONLY": "0"}, tmp_path)
    assert (prod.read_only, prod.sources["read_only"]) == (True, "settings.toml line 2")
    assert not load("lab", {}, tmp_path).read_only


def test_a_protection_that_cannot_be_read_is_the_strictest(tmp_path: Path) -> None:
    write(tmp_path, '[profiles.prod]\nprotection = "raed-only"\n')
    prod = load("prod", {}, tmp_path)
    assert (prod.protection, prod.read_only) == ("read-only", True)
    assert prod.problems == (
        "settings.toml line 2: protection must be one of open, confirm, read-only; taken as read-only to be safe.",
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('colour = "pink"\n', "line 1: colour must be one of blue, cyan"),
        ('badge = "far too long a word"\n', "line 1: badge must be up to 12 letters"),
        ('badge = "[b]"\n', "line 1: badge must be"),
        ('vault = "cloud"\n', "line 1: vault must be one of keyring, file, command, plain"),
        ('vault_command = "pass show {name}"\n', "line 1: vault_command must be a list of words"),
        ('vault_command = ["pass", "show"]\n', "line 1: vault_command must be a list of words"),
        ('vault_command = ["{name}"]\n', "line 1: vault_command must be a list of words"),
        ('[keys]\n"deployments.stop" = 3\n', "line 2: 'deployments.stop' in [keys] must be a text"),
        ("keys = 3\n", "in [keys] must be a text"),
        ('[columns]\ndeployments = "name"\n', "line 2: 'deployments' in [columns] must be a list"),
        ("[columns]\ndeployments = []\n", "line 2: 'deployments' in [columns] must be a list"),
    ],
)
def test_what_does_not_fit_is_told_with_its_place(tmp_path: Path, text: str, words: str) -> None:
    [told] = problems(tmp_path, text)
    assert words in told


def test_keys_of_the_keyboard_may_be_written_with_and_without_quotes(tmp_path: Path) -> None:
    write(tmp_path, '[keys]\npreset = "vim"\n"deployments.stop" = "ctrl+x"\nshell.zoom = "z"\n')
    found = load(None, {}, tmp_path)
    assert found.problems == ()
    assert dict(found.keys) == {"preset": "vim", "deployments.stop": "ctrl+x", "shell.zoom": "z"}


def test_chosen_columns_are_kept_in_order_beside_the_comments(tmp_path: Path) -> None:
    write(tmp_path, '# mine\ntheme = "x"  # at night\n')
    assert load_columns("deployments", config_dir=tmp_path) is None
    save_columns("deployments", ["status", "name"], config_dir=tmp_path)
    save_columns("services", ["alias"], config_dir=tmp_path)
    assert load_columns("deployments", config_dir=tmp_path) == ["status", "name"]
    assert (tmp_path / FILE_NAME).read_text().startswith('# mine\ntheme = "x"  # at night\n')
    save_columns("deployments", None, config_dir=tmp_path)
    assert load_columns("deployments", config_dir=tmp_path) is None
    assert load_columns("services", config_dir=tmp_path) == ["alias"]
    assert load(None, {}, tmp_path).problems == ()


def test_columns_that_could_not_be_read_again_are_not_saved(tmp_path: Path) -> None:
    for table, columns in (("deployments", []), ("deployments", ["a\nb"]), ("a b", ["name"])):
        with pytest.raises(UsageError):
            save_columns(table, columns, config_dir=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_an_entry_that_replaces_a_value_by_a_table_is_refused(tmp_path: Path) -> None:
    write(tmp_path, "keys = 3\n")
    with pytest.raises(UsageError, match="Nothing was written"):
        save_entry(("keys",), "shell.zoom", "z", config_dir=tmp_path)
