/** What stands around every page: the way to the others, whether the page is live, theme and keys. */

import type { ComponentChildren } from "preact";
import { connection } from "../api/live";
import { token, tokenWanted } from "../api/token";
import icon from "../icon.svg";
import { place, to } from "../router";
import { Dialog } from "./dialog";
import { Icon, type IconName } from "./icons";
import { isSheetOpen, Sheet } from "./shortcuts";
import { Toasts } from "./toasts";
import { toggleTheme } from "./theme";

const LINKS: [string, string, IconName][] = [
  ["Workflows", to.workflows, "workflows"],
  ["Runs", to.runs, "runs"],
  ["Inbox", to.inbox, "inbox"],
  ["Events", to.events, "events"],
  ["Functions", to.functions, "functions"],
];
const WORDS = { open: "Live", connecting: "Connecting …", lost: "Connection lost, trying again", ended: "Not connected" };

export function Shell({ children }: { children: ComponentChildren }) {
  const path = place.value.path;
  return (
    <div class="shell">
      <nav class="side" aria-label="Console">
        <a class="brand" href={to.workflows}>
          <img src={icon} alt="" />
          <span>Conductor</span>
        </a>
        {LINKS.map(([text, address, name]) => (
          <a key={address} class="nav-link" href={address} aria-current={path.startsWith(address) ? "page" : undefined}>
            <Icon name={name} />
            {text}
          </a>
        ))}
        <div class="side-foot">
          <div class="live" role="status">
            <span class={`live-dot ${connection.value}`} />
            <span>{WORDS[connection.value]}</span>
          </div>
          <div class="row">
            <button class="button bare small" aria-label="Light or dark" title="Light or dark" onClick={toggleTheme}>
              <Icon name="sun" />
            </button>
            <button class="button bare small" aria-label="Keyboard shortcuts" title="Keyboard shortcuts (?)" onClick={() => (isSheetOpen.value = true)}>
              <Icon name="keyboard" />
            </button>
            <a class="button bare small" href="/docs">API</a>
          </div>
        </div>
      </nav>
      <main class="main">{children}</main>
      <Sheet />
      <Toasts />
      {tokenWanted.value && <TokenDialog />}
    </div>
  );
}

function TokenDialog() {
  const take = (event: SubmitEvent): void => {
    event.preventDefault();
    token.value = String(new FormData(event.currentTarget as HTMLFormElement).get("token"));
    location.reload();
  };
  return (
    <Dialog title="This server wants a token" onClose={() => (tokenWanted.value = false)}>
      <form class="row" onSubmit={take}>
        <label class="grow">
          <span class="visually-hidden">Token</span>
          <input class="field grow" name="token" type="password" autocomplete="off" placeholder="The value of CONDUCTOR_TOKEN" required size={36} />
        </label>
        <button class="button primary">Continue</button>
      </form>
    </Dialog>
  );
}
