#!/usr/bin/env bash
# Builds everything and runs every test: `./test.sh`. The last line is `N passed, N failed[, N skipped]`; the exit code is 0 only
# when everything was built without a warning, every part ran at least one test, and none failed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1 NUGET_XMLDOC_MODE=skip
# Build helpers would outlive the build, and may serve other builds of the same user.
export MSBUILDDISABLENODEREUSE=1 DOTNET_CLI_USE_MSBUILD_SERVER=0
export CI="${CI:-true}" # locked mode: what is restored is what the lock files say
configuration="${CONFIGURATION:-Debug}"
results="$(mktemp -d)"
total_passed=0 total_failed=0 total_skipped=0
summary=()
part_pid=''

# Every part runs in a process group of its own, so that nothing it started outlives it.
stop_part() {
  [[ -n "$part_pid" ]] || return 0
  kill -TERM -- "-$part_pid" 2>/dev/null || true
  for _ in 1 2 3 4 5; do kill -0 -- "-$part_pid" 2>/dev/null || break; sleep 1; done
  kill -KILL -- "-$part_pid" 2>/dev/null || true
  part_pid=''
}
finish() {
  local code=$?
  trap - EXIT INT TERM
  stop_part
  rm -rf "$results"
  echo
  echo 'Summary'
  printf '  %s\n' "${summary[@]:-nothing ran}"
  local line="$total_passed passed, $total_failed failed"
  if ((total_skipped > 0)); then line+=", $total_skipped skipped"; fi
  echo "$line"
  if ((code == 0 && total_failed > 0)); then code=1; fi
  exit "$code"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

say() { printf '\n== %s\n' "$*"; }

# run NAME COMMAND...: output goes to the console and to $results/NAME.log; returns the command's exit code.
run() {
  local name=$1 code=0
  shift
  mkfifo "$results/$name.pipe"
  tee "$results/$name.log" <"$results/$name.pipe" &
  local tee_pid=$!
  setsid "$@" >"$results/$name.pipe" 2>&1 &
  part_pid=$!
  wait "$part_pid" || code=$?
  stop_part
  wait "$tee_pid" || true
  rm -f "$results/$name.pipe"
  return "$code"
}

# part NAME PASSED FAILED SKIPPED EXIT_CODE: a part that crashed or ran nothing counts as one failure.
part() {
  local name=$1 passed=$2 failed=$3 skipped=$4 code=$5 note=''
  if ((passed + failed == 0)); then
    failed=1 note=' (ran no test)'
  elif ((code != 0 && failed == 0)); then
    failed=1 note=" (ended with exit code $code)"
  fi
  total_passed=$((total_passed + passed)) total_failed=$((total_failed + failed)) total_skipped=$((total_skipped + skipped))
  summary+=("$name: $passed passed, $failed failed, $skipped skipped$note")
}

broken() {
  total_failed=$((total_failed + 1))
  summary+=("$1")
}

# ---------------------------------------------------------------- what the machine lacks

apt_updated=false
install() {
  if ! command -v apt-get >/dev/null; then
    echo "Missing: $*. Install it; this machine has no apt-get to do it with." >&2
    return 1
  fi
  local as_root=()
  if ((EUID != 0)); then
    if ! command -v sudo >/dev/null; then
      echo "Missing: $*. Installing it needs root or sudo." >&2
      return 1
    fi
    as_root=(sudo -n)
  fi
  if ! $apt_updated; then
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -q >/dev/null && apt_updated=true
  fi
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@" >/dev/null
}

if ! command -v dotnet >/dev/null; then
  broken 'dotnet is missing: install the SDK that global.json names'
  exit 1
fi
[[ -x /usr/bin/chromium ]] || install chromium fonts-dejavu-core || broken 'chromium could not be installed: the browser tests cannot run'
command -v python3 >/dev/null || install python3-minimal || echo 'Without python3 one comparison of the ledger is skipped.' >&2
node_usable=true
command -v node >/dev/null && command -v npm >/dev/null || install nodejs npm || node_usable=false
if $node_usable && (($(node --version | sed 's/^v\([0-9]*\).*/\1/') < 20)); then
  echo "node is $(node --version); the clients need version 20 or later." >&2
  node_usable=false
fi

# ---------------------------------------------------------------- build

say 'Build'
code=0
run build dotnet build AgentMonitor.sln --configuration "$configuration" --nologo -warnaserror -p:UseSharedCompilation=false || code=$?
if ((code != 0)) || grep -qE '\bwarning [A-Z]+[0-9]+:' "$results/build.log"; then
  broken 'the solution does not build without warnings'
  exit 1
fi
summary+=('build: no warnings')

# ---------------------------------------------------------------- .NET: unit, component, HTTP, fault and browser tests

say '.NET tests'
code=0
run dotnet dotnet test AgentMonitor.Tests --configuration "$configuration" --no-build --nologo \
  --logger 'trx;LogFileName=tests.trx' --results-directory "$results/trx" --blame-hang-timeout 15m --blame-hang-dump-type none || code=$?
count() {
  local n=0 found
  for found in $(grep -rhoE "<Counters [^>]*" "$results/trx" --include='*.trx' 2>/dev/null | grep -oE "\b$1=\"[0-9]+\"" | grep -oE '[0-9]+'); do n=$((n + found)); done
  echo "$n"
}
dotnet_total=$(count total) dotnet_passed=$(count passed) dotnet_executed=$(count executed)
# Whatever was executed and did not pass (failed, error, time-out, aborted) failed; what was not executed was skipped.
part '.NET' "$dotnet_passed" "$((dotnet_executed - dotnet_passed))" "$((dotnet_total - dotnet_executed))" "$code"

# ---------------------------------------------------------------- npm packages

# The numbers of the report that `node --test` ends with: "# pass 12".
tap() {
  local n=0 found
  for found in $(grep -E "^# $2 [0-9]+" "$results/$1.log" | grep -oE '[0-9]+'); do n=$((n + found)); done
  echo "$n"
}
npm_part() {
  local folder=$1 name
  name="$(echo "$folder" | tr / -)"
  if ! $node_usable; then
    broken "$folder: node 20 or later and npm are missing"
    return
  fi
  say "$folder"
  local code=0
  # shellcheck disable=SC2016
  run "$name" bash -c 'cd "$1" && npm ci --no-audit --no-fund && npm test' bash "$folder" || code=$?
  part "$folder" "$(tap "$name" pass)" "$(($(tap "$name" fail) + $(tap "$name" cancelled)))" "$(($(tap "$name" skipped) + $(tap "$name" todo)))" "$code"
}

AGENTMONITOR_SERVER_DLL="$PWD/AgentMonitor.Web/bin/$configuration/net10.0/AgentMonitor.Web.dll"
export AGENTMONITOR_SERVER_DLL
npm_part clients/langchain-js
# The samples install the client from its folder, which is built by now. One without tests has nothing to run.
for package in samples/*/package.json; do
  [[ -f "$package" ]] || continue
  if grep -qE '"test"[[:space:]]*:' "$package"; then npm_part "$(dirname "$package")"; fi
done
