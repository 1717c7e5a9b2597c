import { join } from 'node:path'
import { sipDomain } from './accounts.ts'

interface ConfigOptions {
  readonly dir: string
  readonly modules: string
  /** Of UDP, TCP, WebSocket and RPC. */
  readonly port: number
  /** Of TLS: SIPS and secure WebSocket. */
  readonly tlsPort: number
}

const modules =
  `jsonrpcs kex tm sl rr pv maxfwd siputils textops sanity usrloc registrar auth nathelper xhttp
  websocket tls`.split(/\s+/)

/**
 * A registrar and proxy in memory: digest for everybody, contacts of WebSocket clients are reached through the
 * connection they came by, dialogs pass through it, RPC is `POST /rpc`.
 */
export function kamailioConfig({ dir, modules: path, port, tlsPort }: ConfigOptions): string {
  const address = `127.0.0.1:${port}`
  return `#!KAMAILIO
debug=2
children=1
tcp_children=2
tcp_max_connections=4096
tls_max_connections=4096
open_files_limit=16384
tcp_accept_no_cl=yes
enable_tls=yes
auto_aliases=no
alias="${sipDomain}"
dns=no
rev_dns=no
listen=udp:${address}
listen=tcp:${address}
listen=tls:127.0.0.1:${tlsPort}
mpath="${path}"
${modules.map((name) => `loadmodule "${name}.so"`).join('\n')}
modparam("jsonrpcs", "transport", 1)
modparam("tls", "tls_method", "TLSv1.2+")
modparam("tls", "certificate", "${join(dir, 'chain.pem')}")
modparam("tls", "private_key", "${join(dir, 'key.pem')}")
modparam("usrloc", "timer_interval", 2)
modparam("registrar", "max_expires", 600)
modparam("nathelper|registrar", "received_avp", "$avp(received)")
modparam("auth", "qop", "auth")
modparam("websocket", "sub_protocols", 1)

request_route {
  if (!mf_process_maxfwd_header("10")) { sl_send_reply("483", "Too Many Hops"); exit; }
  if (!sanity_check("17895", "7")) exit;
  if (is_method("OPTIONS")) { sl_send_reply("200", "OK"); exit; }
  if (is_method("CANCEL")) { if (t_check_trans()) t_relay(); exit; }
  if (has_totag()) {
    if (!loose_route()) {
      if (is_method("ACK") && t_check_trans()) t_relay();
      exit;
    }
    if ($du == $null) handle_ruri_alias();
    add_contact_alias();
    t_relay();
    exit;
  }
  t_check_trans();
  remove_hf("Route");
  if (!pv_auth_check("${sipDomain}", "pw$fU", "0", "1")) { auth_challenge("${sipDomain}", "1"); exit; }
  if (is_method("REGISTER")) {
    fix_nated_register();
    save("location");
    exit;
  }
  consume_credentials();
  record_route();
  add_contact_alias();
  if (!lookup("location")) { sl_send_reply("404", "Not Found"); exit; }
  t_relay();
}

onreply_route { add_contact_alias(); }

event_route[xhttp:request] {
  set_reply_close();
  if ($hu == "/rpc") { jsonrpc_dispatch(); exit; }
  set_reply_no_connect();
  if ($hu =~ "^/ws" && $hdr(Upgrade) =~ "websocket" && ws_handle_handshake()) exit;
  xhttp_reply("404", "Not Found", "text/plain", "");
}
`
}
