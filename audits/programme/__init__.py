"""The audit programme: what is proposed, what a day would do, the grid of three years, and its lenses."""
