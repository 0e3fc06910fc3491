/** Where the page begins: finds its core, then shows it. */
import { mount } from 'svelte';
import App from './app.svelte';
import { connectPort } from './connection/port.ts';
import { findShell } from './connection/shell.ts';
import { connectWebSocket, readCoreAddress } from './connection/web-socket.ts';
import { core } from './state/core.svelte.ts';
import './style/base.css';

const shell = findShell();
const address = shell === null ? readCoreAddress() : null;
if (shell !== null) core.attach(connectPort(() => shell.connect()));
else if (address !== null) core.attach(connectWebSocket(address));
else core.status = 'refused';

const target = document.getElementById('app');
if (target !== null) mount(App, { target });
