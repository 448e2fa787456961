"""`theta-tui config`: the settings shown, changed, validated and found; and the profiles. No cloud is asked."""

from __future__ import annotations

import dataclasses
from argparse import Namespace
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from theta_tui import settings
from theta_tui.errors import UsageError
from theta_tui.headless.output import Output

BAD_SETTINGS = 2
TABLES = ("keys", "columns")
"""Tables of the file whose entries are set as `keys.ACTION` and `columns.TABLE`."""

Verb = Callable[[Namespace, Mapping[str, str], Output], int]


def config(options: Namespace, environ: Mapping[str, str]) -> int:
    """`theta-tui config show|set|validate|profiles|path`; validate exits 2 when something cannot be read."""
    return _VERBS[options.verb](options, environ, Output(options.output))


def _file(environ: Mapping[str, str]) -> Path:
    return settings.config_dir(environ) / settings.FILE_NAME


def _path(options: Namespace, environ: Mapping[str, str], output: Output) -> int:
    path = str(_file(environ))
    output.own({"path": path, "data": str(settings.data_dir(environ))} if output.is_json else path)
    return 0


def _show(options: Namespace, environ: Mapping[str, str], output: Output) -> int:
    loaded = settings.load(options.profile, environ)
    for problem in loaded.problems:
        output.warn(problem)
    output.own([{"name": row.name, "value": row.value, "source": row.source, "help": row.help}
                for row in loaded.rows()])  # fmt: skip
    return 0


def _validate(options: Namespace, environ: Mapping[str, str], output: Output) -> int:
    """Check what every profile of the file says, and the table of the keyboard."""
    loaded = settings.load(options.profile, environ)
    others = (settings.load(name, environ) for name in loaded.profiles if settings.PROFILE_NAME.fullmatch(name))
    problems = list(dict.fromkeys([*loaded.problems, *(problem for one in others for problem in one.problems)]))
    problems += _key_problems(loaded)
    output.own({"valid": not problems, "path": str(_file(environ)), "problems": problems})
    return BAD_SETTINGS if problems else 0


def _key_problems(loaded: settings.Settings) -> Iterator[str]:
    """Look at the keyboard's table; the actions are the console's, which is imported only for that."""
    if loaded.keys:
        from theta_tui.tui.keymap import keymap_of

        yield from keymap_of(loaded.keys).problems


def _profiles(options: Namespace, environ: Mapping[str, str], output: Output) -> int:
    output.own([dataclasses.asdict(one) for one in settings.profiles(environ, options.profile)])
    return 0


def _set(options: Namespace, environ: Mapping[str, str], output: Output) -> int:
    """Write one setting, or take it out."""
    folder = settings.config_dir(environ)
    table, _, entry = options.name.partition(".")
    if table in TABLES and entry:
        _set_entry(table, entry, options.value, folder)
    else:
        key = settings.KEYS.get(options.name)
        value = options.value if key is None or options.value is None else settings.as_written(key, options.value)
        before = settings.load(options.profile, environ).vault
        settings.save_value(options.profile, options.name, value, config_dir=folder)
        _tell_stronger(key, environ, output)
        if options.name == "vault" and settings.load(options.profile, environ).vault != before != "command":
            output.warn(f"Keys kept so far stay where they are; `theta-tui auth move {before}` takes them along.")
    where = f"profile {options.profile}" if options.profile else "every profile"
    output.own({"name": options.name, "value": options.value, "for": where, "path": str(_file(environ))})
    return 0


def _set_entry(table: str, entry: str, value: str | None, folder: Path) -> None:
    if table == "columns":
        settings.save_columns(entry, None if value is None else settings.words_in(value), config_dir=folder)
        return
    if value is not None:
        from theta_tui.tui.keymap import keymap_of

        problems = keymap_of({**settings.read_file(folder).keys, entry: value}).problems_of(entry)
        if problems:
            raise UsageError(problems[0])
    settings.save_entry((table,), entry, value, config_dir=folder)


def _tell_stronger(key: settings.Key | None, environ: Mapping[str, str], output: Output) -> None:
    for variable in key.env if key else ():
        if environ.get(variable):
            output.warn(f"{variable} is set and goes before what is written in the file.")
            return


_VERBS: Mapping[str, Verb] = {
    "show": _show,
    "set": _set,
    "validate": _validate,
    "profiles": _profiles,
    "path": _path,
}
