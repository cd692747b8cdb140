"""States of the window as pictures, and a sweep over every widget in them."""
