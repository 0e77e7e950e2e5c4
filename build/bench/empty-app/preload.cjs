const { contextBridge, ipcRenderer } = require('electron');

contextBridge.exposeInMainWorld('empty', { ping: (number) => ipcRenderer.invoke('ping', number) });
