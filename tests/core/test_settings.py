"""Settings: who wins, what is told about what cannot be read, and that the file survives being written."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from dataclasses import fields
from decimal import Decimal
from pathlib import Path

import pytest

from theta_tui import settings
from theta_tui.errors import UsageError
from theta_tui.settings import FILE_NAME, KEYS, SCHEMA, Key, Kind, Settings, load, save_value


def write(folder: Path, text: str) -> None:
    (folder / FILE_NAME).write_text(text, encoding="utf-8")


def problems(folder: Path, text: str) -> tuple[str, ...]:
    write(folder, text)
    return load(environ={}, config_dir=folder).problems


def test_without_file_and_environment_there_are_defaults_and_no_problems(tmp_path: Path) -> None:
    found = load(environ={}, config_dir=tmp_path / "absent")
    assert found == Settings(sources=found.sources)
    assert set(found.sources.values()) == {"default"}
    assert (found.dry_run, found.read_only, found.budget_usd, found.problems) == (False, False, None, ())
    found.raise_problems()


def test_the_table_and_the_settings_have_the_same_names_and_defaults() -> None:
    plain = {key.name: key.default for key in SCHEMA if not key.family}
    made = Settings()
    own = {"bases", "base_sources", "sources", "profiles", "keys", "problems"}
    assert {field.name for field in fields(Settings)} - own == set(plain)
    assert {name: getattr(made, name) for name in plain} == plain
    assert all(key.help.endswith(".") for key in SCHEMA)


def test_every_setting_stands_in_one_group() -> None:
    grouped = [name for names in settings.GROUPS.values() for name in names]
    assert sorted(grouped) == sorted(KEYS)


def test_the_environment_wins_over_the_profile_and_the_profile_over_the_top(tmp_path: Path) -> None:
    write(
        tmp_path,
        'project_id = "prj_top"\norg_id = "org_top"\ntheme = "top"\n'
        '[profiles.work]\nproject_id = "prj_work"\ntheme = "work"\n',
    )
    found = load("work", {"THETA_EC_PROJECT_ID": "prj_env"}, tmp_path)
    assert (found.project_id, found.theme, found.org_id) == ("prj_env", "work", "org_top")
    assert found.sources["project_id"] == "THETA_EC_PROJECT_ID"
    assert found.sources["theme"] == "settings.toml line 6"
    assert found.sources["org_id"] == "settings.toml line 2"
    assert found.profiles == ("work",)
    assert load(None, {}, tmp_path).project_id == "prj_top"


def test_the_profile_is_chosen_by_option_then_variable_then_file(tmp_path: Path) -> None:
    write(tmp_path, 'profile = "filed"\n')
    assert load(None, {}, tmp_path).profile == "filed"
    assert load(None, {"THETA_PROFILE": "set"}, tmp_path).profile == "set"
    assert load("asked", {"THETA_PROFILE": "set"}, tmp_path).profile == "asked"
    assert load(None, {"THETA_PROFILE": ""}, tmp_path / "absent").profile == "default"


@pytest.mark.parametrize("name", ["../x", "a b", "-x", "x" * 41, "é", "a\n"])
def test_a_profile_name_that_cannot_be_one_is_refused_rather_than_replaced(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="THETA_PROFILE"):
        load(None, {"THETA_PROFILE": name}, tmp_path)


@pytest.mark.parametrize("variable", ["THETA_DRY_RUN", "THETA_READ_ONLY"])
@pytest.mark.parametrize(
    ("written", "on", "told"),
    [
        *((word, True, False) for word in ("1", "true", "YES", " on ", "True")),
        *((word, False, False) for word in ("0", "false", "NO", "off", "")),
        *((word, True, True) for word in ("2", "maybe", "-", " ", "onn", "nope", "0.0", "falsch", "\u00a0x")),
    ],
)
def test_switches_read_eight_words_and_anything_else_counts_as_on(
    tmp_path: Path, variable: str, written: str, on: bool, told: bool
) -> None:
    found = load(None, {variable: written}, tmp_path)
    assert (found.dry_run if variable == "THETA_DRY_RUN" else found.read_only) is on
    assert bool(found.problems) is told
    assert all(variable in problem for problem in found.problems)


@pytest.mark.parametrize(
    ("written", "budget"),
    [("2.00", "2.00"), ("0", "0"), (".5", "0.5"), (" 7 ", "7"), ("999999999", "999999999")],
)
def test_a_budget_is_read_exactly(tmp_path: Path, written: str, budget: str) -> None:
    found = load(None, {"THETA_MAX_BUDGET_USD": written}, tmp_path)
    assert (found.budget_usd, found.problems) == (Decimal(budget), ())


@pytest.mark.parametrize("written", ["$5", "5,00", "NaN", "Infinity", "-1", "1e9", "1_000", "٣", ".", "9" * 10, "five"])
def test_a_budget_that_cannot_be_read_is_none_to_spend(tmp_path: Path, written: str) -> None:
    found = load(None, {"THETA_MAX_BUDGET_USD": written}, tmp_path)
    assert found.budget_usd == 0
    [problem] = found.problems
    assert "THETA_MAX_BUDGET_USD" in problem
    with pytest.raises(UsageError, match="budget_usd"):
        found.raise_problems()


def test_amounts_in_the_file_may_be_numbers_or_text_and_stay_decimal(tmp_path: Path) -> None:
    write(tmp_path, 'budget_usd = 0.30\n[profiles.p]\nbudget_usd = "0.10"\n[profiles.q]\nbudget_usd = 3\n')
    assert [load(name, {}, tmp_path).budget_usd for name in ("x", "p", "q")] == [
        Decimal("0.30"),
        Decimal("0.10"),
        Decimal(3),
    ]


def test_base_urls_are_given_by_family_with_the_variable_they_come_from(tmp_path: Path) -> None:
    write(tmp_path, 'video_base_url = "https://video.example/"\n')
    variables = {
        "THETA_API_BASE_URL": "http://127.0.0.1:1",
        "THETA_CONTROLLER_API_BASE_URL": "http://127.0.0.1:2",
        "THETA_EDGECLOUD_RPC_URL": "http://localhost:9545/rpc",
    }
    found = load(None, variables, tmp_path)
    assert found.bases == {
        "ondemand": "http://127.0.0.1:1",
        "controller": "http://127.0.0.1:2",
        "edge_client": "http://localhost:9545/rpc",
        "video": "https://video.example/",
    }
    assert found.base_sources["ondemand"] == "THETA_API_BASE_URL"
    assert found.base_sources["video"] == "settings.toml line 1"
    stronger = load(None, {**variables, "THETA_ONDEMAND_API_BASE_URL": "http://127.0.0.1:3"}, tmp_path)
    assert stronger.bases["ondemand"] == "http://127.0.0.1:3"


def test_http_knobs_are_handed_on_as_written(tmp_path: Path) -> None:
    write(tmp_path, "http_timeout_ms = 5000\n")
    found = load(None, {"THETA_HTTP_MAX_RETRIES": "99"}, tmp_path)
    assert found.http_knobs == {"THETA_HTTP_TIMEOUT_MS": "5000", "THETA_HTTP_MAX_RETRIES": "99"}
    assert load(None, {"THETA_HTTP_TIMEOUT_MS": "soon"}, tmp_path).problems


def test_lists_are_written_with_commas_in_the_environment_and_as_arrays_in_the_file(tmp_path: Path) -> None:
    write(tmp_path, 'chat_fallbacks = ["gpt_oss", "llama"]\n')
    found = load(None, {"SERVICES": "qwen3, flux,"}, tmp_path)
    assert (found.chat_fallbacks, found.smoke_services) == (("gpt_oss", "llama"), ("qwen3", "flux"))
    assert "chat_fallbacks" in problems(tmp_path, "chat_fallbacks = [1]\n")[0]


def test_an_unknown_key_is_told_with_its_line_and_the_nearest_one(tmp_path: Path) -> None:
    told = problems(tmp_path, '# mine\nbudgt_usd = 5\n\n[profiles.work]\nproject_id = "prj_1"\ndryrun = true\n')
    assert told == (
        "settings.toml line 2: unknown setting 'budgt_usd'; did you mean budget_usd?",
        "settings.toml line 6: unknown setting 'dryrun'; did you mean dry_run?",
    )


def test_a_secret_in_the_file_is_sent_away_and_never_quoted(tmp_path: Path) -> None:
    [told] = problems(tmp_path, 'ec_api_key = "s3cr3tvalue"\n')
    assert "theta-tui setup" in told
    assert "s3cr3tvalue" not in told


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("theme = 3\n", "line 1: theme must be text"),
        ('\nproject_id = "a/b"\n', "line 2: project_id must be an id"),
        ('theme = "a\\u001b[31m"\n', "line 1: theme must be text"),
        ("budget_horizon_hours = -1\n", "line 1: budget_horizon_hours must be a plain number"),
        ("[profiles]\ndefault = 3\n", "write profiles as tables"),
        ("profiles = 3\n", "write profiles as tables"),
        ('[profiles."a b"]\ntheme = "x"\n', "'a b' cannot be the name of a profile"),
        ('[profiles.p]\nprofile = "x"\n', "line 2: 'profile' belongs at the top"),
        ("[nonsense]\nx = 1\n", "line 1: unknown setting 'nonsense'"),
        ('"a\\u001b[2Jb" = 1\n', "unknown setting 'a\\x1b[2Jb'"),
    ],
)
def test_what_does_not_fit_is_told_with_its_place(tmp_path: Path, text: str, place: str) -> None:
    [told] = problems(tmp_path, text)
    assert place in told
    assert told.isprintable()


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"dry_run = \n", "line 1, column 11"),
        (b'a = 1\nb = "x\n', "line 2"),
        (b"\xff\xfe", "not UTF-8"),
        (b"x = 1\n" * 200_000, "larger than 1 MB"),
        (b"x = " + b"[" * 100_000, "settings.toml"),
    ],
)
def test_a_damaged_file_gives_defaults_but_spends_nothing(tmp_path: Path, raw: bytes, words: str) -> None:
    (tmp_path / FILE_NAME).write_bytes(raw)
    found = load(None, {}, tmp_path)
    [told] = found.problems
    assert words in told
    assert (found.chat_service, found.dry_run, found.read_only, found.budget_usd) == ("qwen3", True, True, 0)
    with pytest.raises(UsageError):
        found.raise_problems()
    free = load(None, {"THETA_DRY_RUN": "0", "THETA_READ_ONLY": "off", "THETA_MAX_BUDGET_USD": "1"}, tmp_path)
    assert (free.dry_run, free.read_only, free.budget_usd) == (False, False, 1)


def test_a_file_that_cannot_be_opened_is_a_problem_too(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).mkdir()
    found = load(None, {}, tmp_path)
    assert "cannot be read" in found.problems[0]
    assert found.dry_run


def test_rows_show_every_setting_and_no_password_of_a_url(tmp_path: Path) -> None:
    found = load(None, {"THETA_PROXY": "http://user:hunter2@proxy.example:8080/x", "THETA_DRY_RUN": "1"}, tmp_path)
    rows = {row.name: row for row in found.rows()}
    assert list(rows) == list(KEYS)
    assert rows["proxy"].value == "http://[redacted]@proxy.example:8080/x"
    assert (rows["dry_run"].value, rows["dry_run"].source) == ("on", "THETA_DRY_RUN")
    assert "hunter2" not in repr(found)
    assert found.proxy == "http://user:hunter2@proxy.example:8080/x"


def test_saving_keeps_comments_order_and_the_rest(tmp_path: Path) -> None:
    write(tmp_path, '# my file\ntheme = "dark"  # at night\n\n[profiles.work]\n# the project\nproject_id = "prj_1"\n')
    save_value("work", "budget_usd", Decimal("2.50"), config_dir=tmp_path)
    save_value(None, "theme", "light", config_dir=tmp_path)
    save_value("home", "dry_run", True, config_dir=tmp_path)
    text = (tmp_path / FILE_NAME).read_text()
    assert text.startswith('# my file\ntheme = "light"  # at night\n\n[profiles.work]\n# the project\n')
    work, home = load("work", {}, tmp_path), load("home", {}, tmp_path)
    assert (work.budget_usd, work.project_id, work.problems) == (Decimal("2.50"), "prj_1", ())
    assert (home.dry_run, work.dry_run) == (True, False)


def test_every_kind_of_value_survives_saving_and_none_takes_it_out(tmp_path: Path) -> None:
    samples = {
        Kind.TEXT: "text",
        Kind.ID: "prj_1",
        Kind.SWITCH: True,
        Kind.AMOUNT: Decimal("0.00000001"),
        Kind.KNOB: "300",
        Kind.WORDS: ("a", "b"),
        Kind.BADGE: "PROD",
        Kind.COMMAND: ("pass", "show", "theta/{name}"),
    }

    def sample(key: Key) -> object:
        return key.choices[-1] if key.choices else samples[key.kind]

    saved = [key for key in SCHEMA if not key.everywhere and key.name != "protection"]
    for key in saved:
        save_value("p", key.name, sample(key), config_dir=tmp_path)
    found = load("p", {}, tmp_path)
    assert found.problems == ()
    for key in saved:
        value = found.bases[key.family] if key.family else getattr(found, key.name)
        assert value == sample(key)
        save_value("p", key.name, None, config_dir=tmp_path)
    assert load("p", {}, tmp_path).sources == load("p", {}, tmp_path / "absent").sources | {"profile": "--profile"}


@pytest.mark.parametrize(
    ("profile", "key", "value"),
    [
        (None, "ec_api_key", "x"),
        ("p", "budget_usd", "NaN"),
        ("p", "dry_run", "maybe"),
        ("a b", "dry_run", True),
        ("p", "profile", "x"),
        ("p", "theme", "two\nlines"),
    ],
)
def test_what_could_not_be_read_again_is_not_saved(
    tmp_path: Path, profile: str | None, key: str, value: object
) -> None:
    with pytest.raises(UsageError):
        save_value(profile, key, value, config_dir=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_file_is_not_overwritten(tmp_path: Path) -> None:
    write(tmp_path, "dry_run = \n")
    with pytest.raises(UsageError, match="Nothing was written"):
        save_value(None, "theme", "x", config_dir=tmp_path)
    assert (tmp_path / FILE_NAME).read_text() == "dry_run = \n"


def test_profiles_written_as_something_else_are_a_problem_and_not_a_crash(tmp_path: Path) -> None:
    for text in ("profiles = 3\n", "[profiles]\np = 3\n"):
        write(tmp_path, text)
        with pytest.raises(UsageError):
            save_value("p", "theme", "x", config_dir=tmp_path)


def test_saving_finds_profiles_that_are_scattered_over_the_file(tmp_path: Path) -> None:
    write(tmp_path, '[profiles.a]\ntheme = "x"\n[profiles.b]\n[profiles.a2]\n')
    save_value("b", "theme", "y", config_dir=tmp_path)
    save_value("a", "dry_run", True, config_dir=tmp_path)
    save_value("profiles", "theme", "z", config_dir=tmp_path)
    assert load("profiles", {}, tmp_path).theme == "z"
    assert (load("a", {}, tmp_path).theme, load("a", {}, tmp_path).dry_run) == ("x", True)
    assert (load("b", {}, tmp_path).theme, load("b", {}, tmp_path).dry_run) == ("y", False)


def test_files_and_folders_are_private_and_a_link_stays_a_link(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        save_value(None, "theme", "x", config_dir=tmp_path / "new" / "config")
    finally:
        os.umask(before)
    made = tmp_path / "new" / "config"
    modes = [stat.S_IMODE(path.stat().st_mode) for path in (made.parent, made, made / FILE_NAME)]
    assert modes == [0o700, 0o700, 0o600]
    linked = tmp_path / "linked"
    linked.mkdir()
    (linked / FILE_NAME).symlink_to(made / FILE_NAME)
    save_value(None, "theme", "y", config_dir=linked)
    assert (linked / FILE_NAME).is_symlink()
    assert load(None, {}, made).theme == "y"


SAVER = """
import sys
from pathlib import Path
from theta_tui.settings import save_value
number = 0
while True:
    number += 1
    save_value("p", "theme", "x" * (number % 5000 + 1), config_dir=Path(sys.argv[1]))
    if number == 1:
        print("on", flush=True)
"""


def test_a_kill_while_saving_leaves_a_whole_file(tmp_path: Path) -> None:
    for _ in range(3):
        with subprocess.Popen([sys.executable, "-c", SAVER, str(tmp_path)], stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            process.stdout.readline()
            process.kill()
        found = load("p", {}, tmp_path)
        assert found.problems == ()
        assert set(found.theme or "") == {"x"}


def test_leftovers_of_killed_processes_are_swept_once_they_are_old(tmp_path: Path) -> None:
    old, fresh = tmp_path / f".{FILE_NAME}.old", tmp_path / f".{FILE_NAME}.fresh"
    for leftover in (old, fresh):
        leftover.write_text("half")
    os.utime(old, (1, 1))
    save_value(None, "theme", "x", config_dir=tmp_path)
    assert (old.exists(), fresh.exists()) == (False, True)


def test_secrets_and_textual_variables_leave_the_environment_and_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    given = {
        **dict.fromkeys(settings.secret_variables(), "s"),
        "THETA_PROXY": "http://u:p@proxy.example",
        "THETA_SOMETHING_NEW_TOKEN": "s",
        "THETA_PROFILE": "work",
        "SERVICES": "qwen3",
    }
    for name, text in {**given, "TEXTUAL": "devtools", "TEXTUAL_PRESS": "q", "OTHER_API_KEY": "theirs"}.items():
        monkeypatch.setenv(name, text)
    assert {"TEXTUAL", "TEXTUAL_PRESS"} <= set(settings.ignored_variables())
    taken = settings.take_environment()
    assert given.items() <= taken.items()
    assert "OTHER_API_KEY" not in taken
    left = {name for name in os.environ if name.startswith(("THETA_", "TEXTUAL"))}
    assert not left & {*settings.secret_variables(), "THETA_PROXY", "THETA_SOMETHING_NEW_TOKEN", "TEXTUAL"}
    assert "TEXTUAL_PRESS" not in left
    assert (os.environ["THETA_PROFILE"], os.environ["OTHER_API_KEY"]) == ("work", "theirs")
    assert settings.read_variable("THETA_API_KEY", taken) == "s"
    assert settings.read_variable("OTHER_API_KEY", taken) == "theirs"


def test_proxy_and_tls_variables_are_named_as_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("https_proxy", "SSLKEYLOGFILE"):
        monkeypatch.setenv(name, "x")
    assert {"https_proxy", "SSLKEYLOGFILE"} <= set(settings.ignored_variables())


def test_folders_follow_the_home_variable_and_else_the_platform(tmp_path: Path) -> None:
    home = {"THETA_TUI_HOME": str(tmp_path)}
    assert settings.config_dir(home) == tmp_path / "config"
    assert settings.data_dir(home) == tmp_path / "data"
    assert settings.data_dir(home, demo=True) == tmp_path / "data" / "demo"
    assert settings.config_dir({}).is_absolute()
    assert "theta-tui" in str(settings.data_dir({}))


def test_importing_settings_loads_nothing_heavy() -> None:
    code = (
        "import sys; import theta_tui.settings as s; s.load(None, {'THETA_TUI_HOME': '/nonexistent'});"
        "heavy = {'pydantic', 'tomlkit', 'tomllib', 'platformdirs', 'sqlite3', 'asyncio'};"
        "print(heavy & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=20, check=True)
    assert done.stdout == "set()\n"
