"""`python -m kiosk_client`: the same as the command `kiosk-client`."""

from kiosk_client.cli import main

if __name__ == "__main__":
    main(prog_name="kiosk-client")
