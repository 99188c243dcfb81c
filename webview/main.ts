/**
 * Entry of the panel's page. The host provides
 * `<div id="app" data-task-id data-folder-uri data-locale>` and loads panel.js after it.
 */
import './theme.css';
import './panel.css';
import { startPanel } from './app.ts';
import { registerControls } from './controls/register.ts';
import { connectEditor } from './editor.ts';

const root = document.getElementById('app');
if (root === null) throw new Error('The page has no element "app".');
registerControls();
startPanel(root, connectEditor(), {
  taskId: root.dataset.taskId ?? '',
  folderUri: root.dataset.folderUri ?? '',
  locale: root.dataset.locale ?? document.documentElement.lang,
});
