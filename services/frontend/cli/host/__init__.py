"""The platform on this machine: which processes it has, how they are started, watched and stopped."""
