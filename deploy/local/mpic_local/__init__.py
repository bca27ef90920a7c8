"""The whole system as local processes: seven perspectives, their resolvers, a private DNS and a site.

    layout      who is where: places, addresses, ports
    zones       the private, signed DNS tree and its demonstration names
    peers       configuration of NSD, Unbound and nginx
    programs    configuration and keys of the agents, the coordinator and the command line tool
    processes   start, find again and stop, by pid file
    probes      one DNS query, one HTTP request: is it up?
    assembly    all of the above in order: up, down, status
    requests    the requests that the quickstart shows and the tests assert

Standard library only; no root; everything written lies in one work directory.
"""
