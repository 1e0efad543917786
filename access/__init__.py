"""How people get in: sign-in, second factor, passkeys, sessions, invitations, single sign-on."""
