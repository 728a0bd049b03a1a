#!/bin/sh
# Installs the Debian packages named on the command line, which must succeed, or, with none
# named, those of debian.list whose command is missing. What of the latter it may not install
# it names loudly, with the reason, and exits 0: the tests that need a program say so as well.
set -eu
PATH="$PATH:/usr/sbin:/sbin"
list="$(dirname "$0")/debian.list"

missing="$*"
if [ $# -eq 0 ]; then
    while read -r command package _; do
        case "$command" in '' | '#'*) continue ;; esac
        command -v "$command" >/dev/null || missing="$missing $package"
    done <"$list"
fi
[ -n "$missing" ] || exit 0

install() {
    # The tests want the programs, not the services they come with: nothing is started.
    policy=/usr/sbin/policy-rc.d
    if [ ! -e "$policy" ]; then
        trap 'rm -f "$policy"' EXIT INT TERM
        printf '#!/bin/sh\nexit 101\n' >"$policy"
        chmod +x "$policy"
    fi
    export DEBIAN_FRONTEND=noninteractive
    wait_for_lock="-o DPkg::Lock::Timeout=120"
    # shellcheck disable=SC2086  # lists of words
    apt-get -qq $wait_for_lock update &&
        apt-get -qq -y $wait_for_lock install --no-install-recommends $missing
}

if ! command -v apt-get >/dev/null; then
    why="this is not a Debian system: there is no apt-get"
elif [ "$(id -u)" -ne 0 ]; then
    why="only root may install them: apt-get install $(echo $missing)"
else
    echo "Installing from Debian:" $missing
    if said="$(install 2>&1 </dev/null)"; then
        exit 0
    fi
    why="apt-get failed: $(echo "$said" | tail -n 1)"
fi

{
    echo "******************************************************************************"
    echo "* NOT INSTALLED:"
    for package in $missing; do
        echo "*   $package$(sed -n "s/^[^ #]*  *$package  */, /p" "$list" | head -n 1)"
    done
    echo "* Why: $why"
    [ $# -gt 0 ] || echo "* The tests that need them will not run."
    echo "******************************************************************************"
} >&2
[ $# -eq 0 ]
