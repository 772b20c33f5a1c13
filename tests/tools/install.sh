#!/usr/bin/env bash
# Installs what the tests open our files with: LibreOffice, Chromium, a PDF reader, Microsoft's Open XML validator; and PostgreSQL.
# For Debian and Ubuntu, as root or with sudo. Elsewhere install the same programs; tests whose tool is missing skip.
set -euo pipefail
cd "$(dirname "$0")"

packages=(postgresql libreoffice-calc python3-uno chromium poppler-utils fonts-noto-cjk fonts-crosextra-carlito libatomic1) # the last for Playwright
command -v node >/dev/null || packages+=(nodejs) # a newer one than Debian's stays
command -v npm >/dev/null || packages+=(npm)
python3 -c 'import ensurepip, venv' 2>/dev/null || packages+=(python3-venv)

missing=()
for package in "${packages[@]}"; do
  dpkg-query --show --showformat='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
done
if [ "${#missing[@]}" -gt 0 ]; then
  echo "installing ${missing[*]}"
  sudo=$([ "$(id -u)" = 0 ] || echo sudo)
  $sudo apt-get update -qq
  $sudo env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install -y -qq --no-install-recommends \
    "${missing[@]}" >/dev/null
fi

npm install --silent --no-audit --no-fund --no-package-lock
