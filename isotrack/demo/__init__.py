"""A believable organization for a first look: its dates are relative to the day it is made."""
