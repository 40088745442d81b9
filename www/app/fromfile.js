// A script of the old kind: a page that is opened as a file may load no modules,
// and nothing else here would run to say so.
if (location.protocol === 'file:') {
  const said = document.createElement('p');
  said.className = 'error';
  said.setAttribute('role', 'alert');
  said.textContent = 'Browsers load no modules from a file (file://). Serve the folder instead, as with “python3 -m http.server” in it, and open http://127.0.0.1:8000/.';
  document.querySelector('#device')?.replaceChildren(said);
}
