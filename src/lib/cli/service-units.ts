// The systemd units that `dp service` shows and installs: as much locked away as the program can do without.

export interface UnitOptions {
  /** The program that runs, `node` and the path of run.js: no shell or npx between, or pids would be wrong. */
  command: readonly string[];
  /** Flags for `dp serve`. */
  flags: readonly string[];
  user: string;
  /** Below /var/lib it is made and handed over by systemd. */
  dataFolder: string;
  /** It listens on a port below 1024, which an ordinary user may not. */
  hasLowPort?: boolean;
  /** Other folders that are written to. */
  folders?: readonly string[];
  /** Whether the server can notify systemd that it is ready and alive (io/system/notify.ts). */
  canNotify?: boolean;
  /** Start at the first connection and stop when everybody has gone. */
  socket?: SocketPorts | undefined;
}

export interface SocketPorts {
  /** Drawpile, admin, WebSocket: in this order, as drawpile-srv 2.1 and 2.2 had them. */
  listen: readonly string[];
  /** The web port, which has a separate unit, because the socket is found by its name. */
  web?: string | undefined;
}

export const serviceName = 'dp.service';
export const socketName = 'dp.socket';
export const webSocketName = 'dp-web.socket';

const stateRoot = '/var/lib/';

/** systemd makes it, and gives it to the user of the service. */
export function isStateFolder(folder: string): boolean {
  return folder.startsWith(stateRoot) && !folder.slice(stateRoot.length).includes('/');
}

/** What a unit that `serviceUnit` made serves. */
export function dataFolderOf(unit: string): string | undefined {
  const quotedText = /^Environment="?DP_DATA=(.*?)"?$/m.exec(unit)?.[1];
  return quotedText?.replace(/\\(.)/g, '$1').replaceAll('%%', '%');
}

export function serviceUnit(options: UnitOptions): string {
  const { command, flags, user, dataFolder, folders = [], canNotify = true, socket, hasLowPort } = options;
  const isState = isStateFolder(dataFolder);
  const writable = [...(isState ? [] : [dataFolder]), ...folders];
  const sockets = socket && [socketName, ...(socket.web === undefined ? [] : [webSocketName])].join(' ');
  const lowPort = hasLowPort ? 'CAP_NET_BIND_SERVICE' : '';
  return `# Written by 'dp service install'. Put your own changes into: systemctl edit ${serviceName}
[Unit]
Description=Drawpile server (dp)
Documentation=man:dp-serve(1)
After=network-online.target
Wants=network-online.target${sockets ? `\nRequires=${sockets}\nAfter=${sockets}` : ''}

[Service]
${canNotify ? 'Type=notify\nNotifyAccess=main' : 'Type=exec'}
ExecStart=${[...command, 'serve', ...flags].map(unitWord).join(' ')}
ExecReload=/bin/kill -${canNotify ? 'USR2' : 'HUP'} $MAINPID
Environment=${quoted(unitValue(`DP_DATA=${dataFolder}`))}
Restart=on-failure
RestartSec=2s
${canNotify ? 'WatchdogSec=60s\n' : ''}TimeoutStartSec=120s
TimeoutStopSec=20s
LimitNOFILE=65536

User=${user}
Group=${user}
UMask=0027
${isState ? `StateDirectory=${unitValue(dataFolder.slice(stateRoot.length))}\nStateDirectoryMode=0750` : ''}
RuntimeDirectory=dp
RuntimeDirectoryMode=0750
${writable.map((folder) => `ReadWritePaths=${quoted(unitValue(folder))}`).join('\n')}

NoNewPrivileges=yes
CapabilityBoundingSet=${lowPort}
AmbientCapabilities=${lowPort}
ProtectSystem=strict
ProtectHome=read-only
PrivateTmp=yes
PrivateDevices=yes
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectProc=invisible
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
RemoveIPC=yes
LockPersonality=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged
SystemCallErrorNumber=EPERM

[Install]
WantedBy=multi-user.target
`.replace(/\n{3,}/g, '\n\n');
}

export function socketUnit({ listen }: SocketPorts): string {
  return `# Written by 'dp service install'. The order matters: Drawpile, admin, WebSocket.
[Unit]
Description=Sockets of the Drawpile server (dp)
Documentation=man:dp-serve(1)

[Socket]
${listen.map((address) => `ListenStream=${unitValue(address)}`).join('\n')}
NoDelay=yes
Backlog=1024

[Install]
WantedBy=sockets.target
`;
}

export function webSocketUnit(address: string): string {
  return `# Written by 'dp service install'.
[Unit]
Description=Web port of the Drawpile server (dp)
Documentation=man:dp-serve(1)

[Socket]
ListenStream=${unitValue(address)}
FileDescriptorName=web
Service=${serviceName}
NoDelay=yes
Backlog=1024

[Install]
WantedBy=sockets.target
`;
}

/** A word of a command line in a unit (systemd.service(5)): specifiers, variables and quotes lose their meaning. */
export function unitWord(word: string): string {
  return quoted(unitValue(word).replaceAll('$', '$$$$'));
}

function quoted(text: string): string {
  if (/^[\w@%+=:,./$-]+$/.test(text)) return text;
  return `"${text.replace(/["\\]/g, '\\$&').replaceAll('\n', '\\n').replaceAll('\t', '\\t')}"`;
}

function unitValue(value: string): string {
  return value.replaceAll('%', '%%');
}
