"""The whole system as local processes: seven perspectives, their resolvers, a private DNS and a site.

    layout        who is where: places, addresses, ports
    challenges    what the demonstration's CA has asked its applicants to publish
    records       the demonstration names
    open_mpic     the public names that the compliance cases of the Open MPIC API look at
    zones         the private DNS tree that holds them, signed, and a zone of every kind
    peers         configuration of NSD, Unbound and pebble's challenge server
    certificates  of the site and for tls-alpn-01, and the servers that show them
    site          configuration of nginx
    programs      configuration and keys of the agents, the coordinator and the command line tool
    processes     start, find again and stop, by pid file
    probes        one DNS query, one HTTP request: is it up?
    assembly      all of the above in order: up, down, status
    requests      the requests that the quickstart shows and the tests assert
    rest          the same over REST
    commands      the same for a batch of names and the policy of the days to come

Standard library only; no root; everything written lies in one work directory.
"""
