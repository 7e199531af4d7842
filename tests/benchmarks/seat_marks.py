"""What both sides of the seat's benchmark agree on: who sits there and at which item."""
import random

from testing_server.contracts.check_digits import make_login

LOGIN = make_login(random.Random(7).randrange)
SPOKEN_ITEM = "i3"
