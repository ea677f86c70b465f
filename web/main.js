/** Starts the app in the page. */
import { html } from "htm/preact";
import { render } from "preact";
import { App } from "./app.js";
import { startRouter } from "./router.js";
import { startChanges } from "./state/changes.js";
import { startConversationList } from "./state/conversation_list.js";
import { loadModels } from "./state/models.js";
import { startOpenConversations } from "./state/open_conversations.js";
import { startPreferences } from "./state/preferences.js";

startPreferences();
startRouter();
startChanges();
startOpenConversations();
startConversationList();
loadModels();
render(html`<${App} />`, /** @type {HTMLElement} */ (document.getElementById("app")));
