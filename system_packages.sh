#!/usr/bin/env bash
# Installs what the server, the kiosk and the tests need from the system, where apt may be used.
# Says nothing and is quick when nothing is missing. Otherwise names what is missing and what it is for;
# exit 1 only when set-up itself cannot go on without it.
set -euo pipefail

PYTHON="${PYTHON:-python3}"

has_command() { command -v "$1" >/dev/null 2>&1; }
has_file() { compgen -G "$1" >/dev/null; }
has_library() { has_file "/usr/lib/*/$1*" || has_file "/usr/lib/$1*" || has_file "/usr/local/lib/$1*"; }
has_venv() { "$PYTHON" -c 'import ensurepip, venv' >/dev/null 2>&1; }
has_browser() { has_command chromium || has_command chromium-browser || has_command google-chrome; }

# package | how to see that it is there | what it is for | whether set-up needs it
requirements() {
  cat <<'LIST'
python3-venv|has_venv|the Python environment|needed
nodejs|has_command node|browser bundles|needed
npm|has_command npm|browser bundles|needed
ffmpeg|has_command ffmpeg|listening copies of recordings|
libportaudio2|has_library libportaudio.so.2|the microphone|
libasound2-plugins|has_library alsa-lib/libasound_module_pcm_pulse.so|the virtual microphone|
pulseaudio|has_command pulseaudio|the virtual microphone|
pulseaudio-utils|has_command pactl|the virtual microphone|
espeak-ng|has_command espeak-ng|spoken answers of robots|
chromium|has_browser|browser tests and the kiosk page|
age|has_command age|tests of sealed archives|
nginx|has_file /usr/sbin/nginx|tests of the hub behind nginx|
postgresql|has_file /usr/lib/postgresql/*/bin/initdb|tests on PostgreSQL|
redis-server|has_command redis-server|tests on Redis|
poppler-utils|has_command pdftotext|tests of printed forms|
gcc|has_command gcc|the disk that fails in tests of faults|
nftables|has_file /usr/sbin/nft|packet loss in tests of faults|
fonts-dejavu-core|has_file /usr/share/fonts/truetype/dejavu/DejaVuSans.ttf|printed forms|
LIST
}

missing_packages() {
  while IFS='|' read -r package present _ _; do
    # shellcheck disable=SC2086
    $present || echo "$package"
  done < <(requirements)
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

may_install() {
  has_command apt-get && { [ "$(id -u)" = 0 ] || { has_command sudo && sudo -n true 2>/dev/null; }; }
}

install_packages() {
  export DEBIAN_FRONTEND=noninteractive
  as_root apt-get update -q </dev/null || echo "The package lists could not be refreshed; going on with the old ones."
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends "$@" </dev/null && return
  # one package that this system does not have must not keep the others out
  for package in "$@"; do
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends "$package" </dev/null || true
  done
}

report_missing() {
  local stops=0
  echo "These system packages are missing (names as in Debian):" >&2
  while IFS='|' read -r package _ purpose needed; do
    case " $* " in
      *" $package "*)
        echo "  $package: $purpose${needed:+ (set-up cannot go on without it)}" >&2
        [ -z "$needed" ] || stops=1 ;;
    esac
  done < <(requirements)
  echo "Install them with the system's package manager, then run make setup again." >&2
  return "$stops"
}

mapfile -t missing < <(missing_packages)
[ "${#missing[@]}" -gt 0 ] || exit 0
if may_install; then
  echo "Installing system packages: ${missing[*]}"
  install_packages "${missing[@]}"
  mapfile -t missing < <(missing_packages)
  [ "${#missing[@]}" -gt 0 ] || exit 0
fi
report_missing "${missing[@]}"
