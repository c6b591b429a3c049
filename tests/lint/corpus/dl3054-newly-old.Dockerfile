FROM debian:12
LABEL it="Net-SNMP"
