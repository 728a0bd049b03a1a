#!/bin/sh
# Known vulnerabilities of everything that is locked, by pip-audit: audit.sh UV [SERVICE]
# Exit 0: none. 1: some, listed. 2: the service of SERVICE (pypi, osv) cannot be asked from here,
# so nothing is known.
set -u
cd "$(dirname "$0")/.." || exit 2
told=$(mktemp) || exit 2
trap 'rm -f "$told"' EXIT
"$1" tool run pip-audit --strict --vulnerability-service "${2:-pypi}" --progress-spinner off \
    --requirement requirements/run.txt --require-hashes --disable-pip >"$told" 2>&1
code=$?
if [ "$code" -eq 0 ]; then
    cat "$told"
    exit 0
fi
if grep -q 'Found [0-9]* known vulnerabilit' "$told"; then
    cat "$told"
    echo "Upgrade what is listed: make lock UPGRADE='--upgrade-package NAME'." >&2
    exit 1
fi
tail -n 1 "$told" >&2
echo "Nothing was audited: pip-audit, or the vulnerability service it asks (${2:-pypi}), cannot" >&2
echo "be reached from here. Run it where it can, or ask the other one: make audit SERVICE=osv." >&2
exit 2
