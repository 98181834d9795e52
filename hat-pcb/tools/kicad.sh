# Sourced by the commands beside it: installs KiCad 9 and what the checks need, and runs kicad-cli from a clean home.
# Debian 12 gets KiCad from its backports suite; nothing but KiCad's own packages is taken from there.

install_tools() {
    local need=() mirror suite=bookworm-backports
    command -v ngspice >/dev/null || need+=(ngspice)
    command -v dtc >/dev/null || need+=(device-tree-compiler)
    if ! kicad-cli version 2>/dev/null | grep -q '^9\.'; then
        . /etc/os-release
        if [ "${VERSION_CODENAME:-}" = bookworm ]; then
            mirror=$(grep -rhoE 'https?://[^ ]+' /etc/apt/sources.list /etc/apt/sources.list.d/*.sources /etc/apt/sources.list.d/*.list 2>/dev/null \
                | grep -E '/debian/?$' | head -1)
            [ -n "$mirror" ] || { echo "no Debian mirror found in /etc/apt: add the suite $suite by hand" >&2; return 1; }
            printf 'Types: deb\nURIs: %s\nSuites: %s\nComponents: main\nSigned-By: /usr/share/keyrings/debian-archive-keyring.gpg\n' \
                "$mirror" "$suite" > /etc/apt/sources.list.d/kicad-backports.sources
            need+=("kicad/$suite" "kicad-symbols/$suite" "kicad-footprints/$suite" "libngspice0/$suite")
        else
            need+=(kicad kicad-symbols kicad-footprints)
        fi
    fi
    [ ${#need[@]} -eq 0 ] && return 0
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${need[@]}" >/dev/null
    kicad-cli version | grep -q '^9\.' || { echo "KiCad 9 could not be installed" >&2; return 1; }
}

clean_kicad() {
    # KiCad with a home of its own: only the library tables beside the board count.
    env -i PATH="$PATH" HOME="$KICAD_HOME" LANG=C.UTF-8 kicad-cli "$@"
}
