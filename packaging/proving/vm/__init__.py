"""The proof in a machine with a kernel of its own, a Debian for arm64 under QEMU; started by `packaging/prove-vm`."""
