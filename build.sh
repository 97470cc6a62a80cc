#!/usr/bin/env bash
# The one door to everything: ./build.sh help
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

python=.venv/bin/python

usage() {
  cat <<'TEXT'
./build.sh COMMAND [arguments]

  serve       set up, build and serve the page on http://localhost:8000   (--port N, --isolated, --plain, --prefix /p/)
  test        set up, build and run every test                            (arguments go to pytest, e.g. tests/unit -k rle)
  setup       install what is missing: Debian packages, .venv, npm packages (PyPI and npm by hash; of Debian the release, as its archive keeps no old versions)
  build       compile the kernels and the slim OpenCV, assemble dist/
  check       lint, types and formats of Python, JavaScript, C and shell
  bench       speed side by side in one run in the browser, and native
  test-train  the tests of models/train (installs PyTorch into .venv-train)
  single      dist/segmark-single.html: the whole page in one file for offline use
  soak        long runs: soak fuzz [COUNT [SEED]] reads 100,000 broken files, soak kill kills page and browser 1,000 times, soak clicks clicks 10,000 times
  clean       remove dist/, build/ and .venv (the cache outside the checkout stays)
  help        this text

The first setup and build take some minutes, later ones seconds: products are kept in ~/.cache/segmark (or $SEGMARK_CACHE).
TEXT
}

fail() {
  echo "[segmark] failed: $1." >&2
  exit 1
}

setup() {
  command -v python3 >/dev/null || fail "python3 is missing; install Python 3.11"
  python3 tools/setup_machine.py
}

build() {
  setup
  "$python" tools/build.py
}

check() {
  setup
  "$python" tools/check.py
}

run_tests() {
  build
  "$python" tools/check.py
  if [ $# -eq 0 ]; then
    "$python" tools/run_tests.py
  else
    "$python" -m pytest "$@"
  fi
}

main() {
  local command=${1:-help}
  [ $# -gt 0 ] && shift
  case "$command" in
    help | -h | --help) usage ;;
    setup) setup ;;
    build) build ;;
    serve)
      build
      exec "$python" tools/serve.py "$@"
      ;;
    test) run_tests "$@" ;;
    check) check ;;
    bench)
      build
      "$python" tests/bench/run.py "$@"
      ;;
    test-train)
      setup
      "$python" tools/train_env.py
      .venv-train/bin/python -m pytest tests/train "$@"
      ;;
    soak)
      build
      "$python" tests/soak/run.py "$@"
      ;;
    single)
      build
      "$python" tools/single.py
      ;;
    clean) rm -rf dist build .venv .venv-train node_modules py/segmark/kernels/_native.abi3.so ;;
    *)
      usage >&2
      fail "there is no command '$command'"
      ;;
  esac
}

main "$@"
