-- Run once, on an empty volume: the services own their database, and nothing else of the server.
\set password `cat /secrets/DB_PASSWORD`
create role switchhook login password :'password';
create database switchhook owner switchhook;
