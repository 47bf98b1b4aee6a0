"""The rules without a framework: what a call asks for, what an engine's refusal means."""
