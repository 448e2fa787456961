"""Completion scripts of bash, zsh and fish, filled from tables of words; knows neither the parser nor the registry."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

FILES = "@files"
"""Stands for the names of files."""


@dataclass(frozen=True, slots=True)
class Tables:
    """What fits where: by place; by place and option; and the arguments of each command, which stand at `run`."""

    options: Mapping[str, tuple[str, ...]]
    words: Mapping[str, tuple[str, ...]]
    values: Mapping[tuple[str, str], tuple[str, ...]]
    arguments: Mapping[str, tuple[str, ...]]
    run: str

    @property
    def valued(self) -> list[str]:
        """Options that take a value."""
        return sorted({name for _, name in self.values})

    @property
    def fitting(self) -> dict[str, tuple[str, ...]]:
        """What is known to fit an option, by `place option`."""
        return {f"{place} {name}": fits for (place, name), fits in self.values.items() if fits}


# Written once for bash and zsh: only what both read alike. The first argument is the word at the cursor, the others
# those before it. A lone `=` comes from bash, which takes `--output=json` for three words.
CANDIDATES = """\
_theta_tui_candidates() {
  local current="$1" place="" command="" before="" last="" word=""
  shift
  for word in "$@"; do
    last="$word"
    if [ "$word" = "=" ]; then continue; fi
    if [ -n "$before" ]; then before=""; continue; fi
    case "$word" in
      %(valued)s) before="$word" ;;
      -*) ;;
      *)
        case "$place $word" in
          %(places)s) place="${place:+$place }$word" ;;
          "%(run)s "*) if [ -z "$command" ]; then command="$word"; fi ;;
        esac ;;
    esac
  done
  if [ -n "$before" ]; then
    case "$place $before" in
%(fitting)s
    esac
    return 0
  fi
  if [ "$last" = "=" ]; then return 0; fi
  case "$current" in
    -*) ;;
    *)
      if [ -n "$command" ]; then
        case "$command" in
%(arguments)s
        esac
        return 0
      fi
      case "$place" in
%(words)s
      esac ;;
  esac
  case "$place" in
%(options)s
  esac
}
"""

BASH = """\
# bash completion of theta-tui; in ~/.bashrc: eval "$(theta-tui completion bash)"
%(candidates)s
_theta_tui() {
  local IFS=$' \\t\\n' current="${COMP_WORDS[COMP_CWORD]}" found=""
  local -a before=("${COMP_WORDS[@]:1:COMP_CWORD-1}")
  if [ "$current" = "=" ]; then current=""; before+=("="); fi
  found="$(_theta_tui_candidates "$current" "${before[@]}")"
  if [ "$found" = "%(files)s" ]; then
    local IFS=$'\\n'
    compopt -o filenames 2>/dev/null
    COMPREPLY=($(compgen -f -- "$current"))
    return 0
  fi
  COMPREPLY=($(compgen -W "$found" -- "$current"))
  case "${COMPREPLY[0]-}" in *=) compopt -o nospace 2>/dev/null ;; esac
  return 0
}
complete -F _theta_tui theta-tui
"""

ZSH = """\
#compdef theta-tui
# zsh completion of theta-tui; in ~/.zshrc after compinit: eval "$(theta-tui completion zsh)"
%(candidates)s
_theta_tui() {
  local found=""
  local -a before keys others
  before=("${(@)words[2,CURRENT-1]}")
  if [[ "$PREFIX" == --*=* ]]; then
    before+=("${PREFIX%%%%=*}" "=")
    compset -P '*='
  fi
  found="$(_theta_tui_candidates "$PREFIX" "${before[@]}")"
  if [[ "$found" == "%(files)s" ]]; then _files; return; fi
  keys=(${(M)${=found}:#*=})
  others=(${${=found}:#*=})
  if (( $#keys )); then compadd -S '' -- $keys; fi
  if (( $#others )); then compadd -- $others; fi
}
if [ "$funcstack[1]" = "_theta_tui" ]; then _theta_tui "$@"; else compdef _theta_tui theta-tui; fi
"""

FISH = """\
# fish completion of theta-tui; theta-tui completion fish > ~/.config/fish/completions/theta-tui.fish
function __theta_tui_candidates
  set -l place ""
  set -l run ""
  set -l before ""
  set -l current (commandline -ct)
  set -l words (commandline -opc)
  for word in $words[2..-1]
    if test -n "$before"
      set before ""
      continue
    end
    switch $word
      case %(valued)s
        set before $word
      case '-*'
      case '*'
        switch "$place $word"
          case %(places)s
            set place (string trim "$place $word")
          case '%(run)s *'
            test -z "$run"; and set run $word
        end
    end
  end
  if test -n "$before"
    switch "$place $before"
%(fitting)s
    end
    return 0
  end
  if not string match -q -- '-*' "$current"
    if test -n "$run"
      switch $run
%(arguments)s
      end
      return 0
    end
    switch "$place"
%(words)s
    end
  end
  switch "$place"
%(options)s
  end
end
complete -c theta-tui -f -a '(__theta_tui_candidates)'
"""


def bash(tables: Tables) -> str:
    """Write the script of bash."""
    return BASH % {"candidates": _candidates(tables), "files": FILES}


def zsh(tables: Tables) -> str:
    """Write the script of zsh."""
    return ZSH % {"candidates": _candidates(tables), "files": FILES}


def fish(tables: Tables) -> str:
    """Write the script of fish."""
    return FISH % {
        "valued": " ".join(tables.valued),
        "places": " ".join(f"'{place}'" for place in _inner(tables)),
        "run": tables.run,
        "fitting": _fish_cases(tables.fitting),
        "arguments": _fish_cases(tables.arguments),
        "words": _fish_cases(tables.words, ending=True),
        "options": _fish_cases(tables.options),
    }


def _candidates(tables: Tables) -> str:
    return CANDIDATES % {
        "valued": "|".join(tables.valued),
        "places": "|".join(f'"{place}"' for place in _inner(tables)),
        "run": tables.run,
        "fitting": _cases(tables.fitting),
        "arguments": _cases(tables.arguments),
        "words": _cases(tables.words, ending=True),
        "options": _cases(tables.options),
    }


def _inner(tables: Tables) -> Iterable[str]:
    """Give every place but the outermost, as `place word`: those right below it begin with a space."""
    return [place if " " in place else f" {place}" for place in tables.options if place]


def _cases(table: Mapping[str, Iterable[str]], *, ending: bool = False) -> str:
    end = "; return 0" if ending else ""
    return "\n".join(f'        "{key}") echo "{" ".join(words)}"{end} ;;' for key, words in table.items())


def _fish_cases(table: Mapping[str, Iterable[str]], *, ending: bool = False) -> str:
    lines = []
    for key, words in table.items():
        named = " ".join(words)
        told = '__fish_complete_path "$current"' if named == FILES else f"string split -n ' ' '{named}'"
        lines.append(f"        case '{key}'\n          {told}" + ("\n          return 0" if ending else ""))
    return "\n".join(lines)


SHELLS: Mapping[str, Callable[[Tables], str]] = {"bash": bash, "zsh": zsh, "fish": fish}
