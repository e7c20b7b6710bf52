"""The servers that are compared, by the names that bench/run knows."""
from lib import servers

SERVERS = servers.SERVERS

# Limits that are there for strangers; Dovecot's are as high.
MANY = {"limits": {"connections-per-address": 50000,
                   "connections-per-user": 10000,
                   "preauth-connections": 10000}}
