"""What bench/run is made of.

    usage        processor time, memory and descriptors of processes, from /proc
    system       the local system under measurement, and who plays which part in it
    load         the load client
    records      sizes of messages, from what the coordinator has recorded
    corroborate  the measurement: corroborations, closed loop, with the processor time of every part
    floors       the same traffic with nothing done
    comparisons  with and without a stalled agent; with and without targets that never answer
    profiles     where the processor time goes

Standard library only.
"""
