"""Documents for whole-platform tests: self-written facts with one clear place each."""

LIGHTHOUSE = """# The lighthouse at Korvin Point

## Lamp

The lamp of the lighthouse has a range of 31 nautical miles. It was lit for the first time in 1887.

## Keeper

The keeper of the lighthouse is Ingrid Solheim. She lives in the stone house beside the tower.
"""

HARBOUR = """# The harbour

## Ferry

The ferry to Lund leaves at 07:40 on weekdays. A ticket for the ferry costs 12 crowns.

## Depth

The harbour is nine metres deep at low water.
"""
