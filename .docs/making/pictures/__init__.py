"""The pictures of the page of ideas, drawn from real runs while the site is built."""
