"""`python -m kiosk_client` = the command `kiosk-client`."""

from kiosk_client.cli import main

main()
