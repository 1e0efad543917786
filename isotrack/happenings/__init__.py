"""Recording what happened to a certificate in one step, whatever package the fact belongs to."""
